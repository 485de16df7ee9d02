//! Where tagged resources come from: the drivers that keep them.

use std::sync::Arc;

use crate::dynamodb::Tables;
use crate::error::AwsError;
use crate::lambda::Functions;
use crate::location::Location;
use crate::logs::Logs;
use crate::sqs::Queues;
use crate::tagging::engine::Tagged;

/// All drivers whose resources have tags that the tagging API shows.
#[derive(Debug)]
pub(crate) struct Sources {
    pub(crate) location: Location,
    pub(crate) queues: Arc<Queues>,
    pub(crate) tables: Arc<Tables>,
    pub(crate) functions: Arc<Functions>,
    pub(crate) logs: Arc<Logs>,
}

impl Sources {
    /// Every resource that has a tag.
    pub(super) async fn tagged(&self) -> Result<Vec<Tagged>, AwsError> {
        let mut all = self.tables.tagged().await?;
        all.extend(self.of_queues()?);
        self.functions.read(|registry| {
            let functions = registry.functions();
            all.extend(functions.map(|one| tagged(registry.function_arn(&one.name), &one.tags)));
            let mappings = registry.mappings();
            all.extend(mappings.map(|one| tagged(one.arn.clone(), &one.tags)));
        });
        self.logs.read(|store, _| {
            let groups = store.groups();
            all.extend(groups.map(|group| tagged(store.arn(&group.name), &group.tags)));
        });
        all.retain(|resource| !resource.tags.is_empty());
        Ok(all)
    }

    fn of_queues(&self) -> Result<Vec<Tagged>, AwsError> {
        self.queues.read(|engine| {
            let tags = |name: &str| {
                let tags = engine.tags(engine.by_name(name)?)?;
                let tags = tags.iter().map(|(key, value)| (key.clone(), value.clone()));
                Ok(Tagged {
                    arn: self.location.arn("sqs", name),
                    tags: tags.collect(),
                })
            };
            engine.names("", None).map(tags).collect()
        })
    }
}

fn tagged(arn: String, tags: &std::collections::BTreeMap<String, String>) -> Tagged {
    Tagged {
        arn,
        tags: tags.clone(),
    }
}
