//! What follows a change: environments of an old state end, pollers start, transitions come to
//! their end, and code that nobody needs any more is removed.

use std::collections::HashSet;
use std::sync::Arc;

use super::poller::Poller;
use crate::lambda::Functions;
use crate::lambda::engine::Mapping;

impl Functions {
    /// Ends environments whose function has changed, starts pollers for mappings that are
    /// enabled, and settles what is in transition. What runs already learns of the change by
    /// itself.
    pub(in crate::lambda) fn reconcile(&self) {
        self.changed.send_replace(());
        self.pool.retire(|function| self.is_current(function));
        if *self.closing.borrow() {
            return;
        }
        self.settle();
        self.sweep_code();
        let now = self.clock.now();
        let polling: Vec<String> = self.read(|registry| {
            let polled = registry.mappings_to_poll(now);
            polled.map(|mapping| mapping.uuid.clone()).collect()
        });
        let Some(me) = self.me.upgrade() else { return };
        let mut pollers = self.pollers();
        for uuid in polling {
            // One that panicked has ended without a word.
            if pollers.get(&uuid).is_some_and(|task| !task.is_finished()) {
                continue;
            }
            let poller = Poller::new(Arc::clone(&me), uuid.clone());
            let (me, of) = (Arc::clone(&me), uuid.clone());
            let task = tokio::spawn(async move {
                poller.run().await;
                me.poller_ended(&of);
            });
            pollers.insert(uuid, task);
        }
    }

    /// The mapping may have been enabled again while its poller was ending.
    fn poller_ended(&self, uuid: &str) {
        self.pollers().remove(uuid);
        if self.polling_mapping(uuid).is_some() {
            self.reconcile();
        }
    }

    /// The mapping, where it polls.
    pub(in crate::lambda) fn polling_mapping(&self, uuid: &str) -> Option<Mapping> {
        self.read(|registry| {
            let mapping = registry.mapping(uuid).ok();
            mapping.filter(|mapping| mapping.is_polling()).cloned()
        })
    }

    /// A disabled mapping's last batch has ended.
    pub(in crate::lambda) async fn mapping_settled(&self, uuid: &str) {
        let settled = self.change(|registry, now, _| registry.mapping_drained(uuid, now));
        if let Err(problem) = settled.await {
            tracing::warn!(mapping = uuid, %problem, "a mapping could not be settled");
        }
    }

    /// Ends the transitions that are due: of functions, once their code is unpacked, and of
    /// mappings that are to poll.
    fn settle(&self) {
        let now = self.clock.now();
        let (functions, mappings) = self.read(|registry| {
            let functions = registry.functions_due(now);
            let functions = functions.map(|one| (one.name.clone(), one.code_sha256.clone()));
            (functions.collect::<Vec<_>>(), registry.has_mapping_due(now))
        });
        let Some(me) = self.me.upgrade() else { return };
        if mappings {
            let me = Arc::clone(&me);
            tokio::spawn(async move {
                let settled = me.change(|registry, now, _| registry.settle_mappings(now));
                if let Err(problem) = settled.await {
                    tracing::warn!(%problem, "mappings could not be settled");
                }
            });
        }
        for (name, code) in functions {
            let me = Arc::clone(&me);
            tokio::spawn(async move {
                let unpacker = Arc::clone(&me);
                // Whether it can be unpacked is seen again, and told, when it is to be run.
                let unpack = move || unpacker.code.directory(&code).map(drop);
                if let Ok(Err(problem)) = tokio::task::spawn_blocking(unpack).await {
                    tracing::warn!(function = name, %problem, "code could not be unpacked");
                }
                let settled =
                    me.change(|registry, now, ids| registry.settle_function(&name, now, ids));
                if let Err(problem) = settled.await {
                    tracing::warn!(function = name, %problem, "a function could not be settled");
                }
            });
        }
    }

    /// Removes the code that no function has, none is about to get and no environment runs.
    pub(in crate::lambda) fn sweep_code(&self) {
        if self.unused_code().is_empty() {
            return;
        }
        let Some(me) = self.me.upgrade() else { return };
        tokio::task::spawn_blocking(move || {
            if let Err(problem) = me.code.remove(|| me.unused_code()) {
                tracing::warn!(%problem, "code that nobody needs could not be removed");
            }
        });
    }

    /// Whoever takes code of a function into use pins it while holding the registry's lock, so
    /// that nothing is taken for unused in between.
    fn unused_code(&self) -> Vec<String> {
        self.read(|registry| {
            let used = registry.functions().map(|one| one.code_sha256.as_str());
            self.code.unused(&used.collect::<HashSet<_>>())
        })
    }
}
