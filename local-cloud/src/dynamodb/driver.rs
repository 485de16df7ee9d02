//! The DynamoDB driver: dynoxide in process, file-backed.
//!
//! Dynoxide serves one request at a time behind a lock, so one thread is as quick as many. It
//! has no timers: an item whose time to live has passed stays until it is deleted (AWS promises
//! no more than "within a few days").

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt as _;
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, mpsc};

use bytes::Bytes;
use dynoxide::Database;
use serde_json::json;
use tokio::sync::oneshot;

use crate::error::AwsError;
use crate::protocol::http::{Reply, Request};
use crate::protocol::json::unknown_operation;
use crate::runtime_context::RuntimeContext;
use crate::storage::StorageError;
use crate::tagging::engine::Tagged;

use super::DIALECT;
use super::operations::{Arns, Operation};
use super::stale_tags::StaleTags;
use super::transitions::Transitions;

/// All tables. Shared behind an [`Arc`].
#[derive(Debug)]
pub struct Tables {
    store: Arc<Store>,
    jobs: mpsc::Sender<Job>,
    transitions: Transitions,
    tags: StaleTags,
}

struct Job {
    operation: Operation,
    body: Bytes,
    reply: oneshot::Sender<Reply>,
}

/// Dynoxide, and how its ARNs are ours.
struct Store {
    database: Database,
    arns: Arns,
    /// Held by whoever is in there.
    tx: Mutex<()>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}

impl Tables {
    /// Opens the tables' file, making it (readable by its owner alone) where it is not there,
    /// and starts the thread that serves it.
    ///
    /// # Errors
    /// When it cannot be used.
    ///
    /// # Panics
    /// When the system has no thread to give.
    pub fn open(path: &Path, context: &RuntimeContext) -> Result<Arc<Self>, StorageError> {
        let store = Arc::new(Store {
            database: open_database(path)?,
            arns: Arns::new(&context.location.account, &context.location.region),
            tx: Mutex::default(),
        });
        let (jobs, waiting) = mpsc::channel::<Job>();
        let served = Arc::clone(&store);
        std::thread::Builder::new()
            .name("tables".to_owned())
            .spawn(move || {
                while let Ok(job) = waiting.recv() {
                    let _turn = served.tx.lock().unwrap_or_else(PoisonError::into_inner);
                    // Where nobody waits any more, the client has hung up.
                    let _ = job.reply.send(served.answer(job.operation, &job.body));
                }
            })
            .expect("a starting process can have one more thread");
        Ok(Arc::new(Self {
            store,
            jobs,
            transitions: Transitions::new(context),
            tags: StaleTags::new(context),
        }))
    }

    /// Answers one DynamoDB request. What a reply acknowledges survives the kill of the process.
    pub async fn handle(&self, request: &Request) -> Reply {
        let operation = DIALECT
            .operation(request)
            .and_then(|name| Operation::named(name).ok_or_else(|| unknown_operation(name)));
        let operation = match operation {
            Ok(operation) => operation,
            Err(error) => return DIALECT.error(&error),
        };
        if let Some(reply) = self.transitions.before(operation.name(), &request.body) {
            return reply.unwrap_or_else(|error| DIALECT.error(&error));
        }
        let (name, body) = (operation.name(), &request.body);
        let retagged = self.tags.about_to_change(name, body);
        let listed = match &retagged {
            Some(arn) => Some(self.list_tags(arn).await),
            None => None,
        };
        let reply = self.run(operation, body).await;
        if let (Some(arn), Some(listed), 200) = (retagged, listed, reply.status) {
            self.tags.changed(arn, &listed);
        }
        let reply = self.tags.after(name, body, reply);
        self.transitions.after(name, body, reply)
    }

    async fn list_tags(&self, table_arn: &str) -> Reply {
        let body = json!({ "ResourceArn": table_arn }).to_string();
        match Operation::named("ListTagsOfResource") {
            Some(list) => self.run(list, &Bytes::from(body)).await,
            None => DIALECT.error(&unknown_operation("ListTagsOfResource")),
        }
    }

    /// Every table with its tags.
    ///
    /// # Errors
    /// When dynoxide cannot say.
    pub(crate) async fn tagged(&self) -> Result<Vec<Tagged>, AwsError> {
        let store = Arc::clone(&self.store);
        let listed = tokio::task::spawn_blocking(move || {
            let _turn = store.tx.lock().unwrap_or_else(PoisonError::into_inner);
            store.arns.tagged(&store.database)
        });
        let ended = |_| AwsError::internal("The tables' tags could not be read.");
        listed.await.map_err(ended)?
    }

    /// What is about one item takes less time than a change of threads, so it is done at once
    /// where nobody else is at it; the rest may take long.
    async fn run(&self, operation: Operation, body: &Bytes) -> Reply {
        if operation.is_about_one_item()
            && let Ok(_turn) = self.store.tx.try_lock()
        {
            return self.store.answer(operation, body);
        }
        let (reply, answer) = oneshot::channel();
        let body = body.clone();
        // Were the thread gone, the job and its sender would be dropped, which ends the wait.
        let _ = self.jobs.send(Job {
            operation,
            body,
            reply,
        });
        answer
            .await
            .unwrap_or_else(|_| DIALECT.error(&AwsError::internal("The tables' thread has ended.")))
    }
}

impl Store {
    fn answer(&self, operation: Operation, body: &[u8]) -> Reply {
        let run = AssertUnwindSafe(|| operation.run(&self.database, &self.arns, body));
        match std::panic::catch_unwind(run) {
            Ok((status, body)) => Reply::new(status, DIALECT.content_type, body),
            Err(_) => {
                tracing::error!(operation = operation.name(), "a DynamoDB request panicked");
                DIALECT.error(&AwsError::internal("The local cloud failed."))
            }
        }
    }
}

fn open_database(path: &Path) -> Result<Database, StorageError> {
    let name = path.display().to_string();
    let io = |reason: String| StorageError::Io {
        path: name.clone(),
        reason,
    };
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
        .map_err(|problem| io(problem.to_string()))?;
    let text = path
        .to_str()
        .ok_or_else(|| io("its path is not UTF-8".to_owned()))?;
    let database = Database::new(text).map_err(|problem| {
        let reason = problem.to_string();
        let damaged = ["not a valid SQLite database", "malformed", "not a database"];
        if damaged.iter().any(|words| reason.contains(words)) {
            StorageError::Damaged {
                path: name.clone(),
                reason,
            }
        } else {
            io(reason)
        }
    })?;
    // Dynoxide opens its file so that each commit is synced to the disk. Leaving bulk loading
    // again sets SQLite's `synchronous` to NORMAL: commits then survive a kill of the process,
    // which is what is promised, at a quarter of the cost.
    database
        .enable_bulk_loading()
        .and_then(|()| database.disable_bulk_loading())
        .map_err(|problem| io(problem.to_string()))?;
    Ok(database)
}
