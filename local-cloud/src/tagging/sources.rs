//! The drivers whose resources have tags that the tagging API shows.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::dynamodb::Tables;
use crate::error::AwsError;
use crate::lambda::Functions;
use crate::location::Location;
use crate::logs::Logs;
use crate::sqs::Queues;
use crate::tagging::engine::Tagged;

/// All these drivers.
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
        let of_tables = self.tables.tags().await?.into_iter();
        let mut all: Vec<Tagged> = of_tables.map(|(arn, tags)| Tagged { arn, tags }).collect();
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
            let with_tags = |name: &str| {
                let tags = engine.tags(engine.by_name(name)?)?.iter();
                Ok(Tagged {
                    arn: self.location.arn("sqs", name),
                    tags: tags
                        .map(|(key, value)| (key.clone(), value.clone()))
                        .collect(),
                })
            };
            engine.names("", None).map(with_tags).collect()
        })
    }
}

fn tagged(arn: String, tags: &BTreeMap<String, String>) -> Tagged {
    Tagged {
        arn,
        tags: tags.clone(),
    }
}
