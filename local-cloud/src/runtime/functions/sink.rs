//! Where the lines of one execution environment go: a stream of its function's log group, as far
//! as the function's role may write there. As on AWS, what it may not write is lost in silence.

use std::sync::Arc;

use crate::clock::WallMs;
use crate::engines::iam::evaluate::Right;
use crate::engines::lambda::Function;
use crate::runtime::identities::Identities;
use crate::runtime::logs::Logs;

/// One log stream.
#[derive(Debug)]
pub(crate) struct Sink {
    logs: Arc<Logs>,
    identities: Arc<Identities>,
    role_arn: String,
    group: String,
    stream: String,
}

impl Sink {
    /// A stream with this name for a function.
    pub(crate) fn new(
        logs: Arc<Logs>,
        identities: Arc<Identities>,
        function: &Function,
        stream: String,
    ) -> Self {
        Self {
            logs,
            identities,
            role_arn: function.role_arn.clone(),
            group: function.log_group.clone(),
            stream,
        }
    }

    /// The stream's name.
    pub(crate) fn stream(&self) -> &str {
        &self.stream
    }

    /// Appends lines, making the stream where it is not there, and the group where the role may.
    /// Returns without waiting for the disk.
    pub(crate) fn write(&self, lines: Vec<(WallMs, String)>) {
        let (arn, is_there) = self
            .logs
            .read(|store, _| (store.arn(&self.group), store.group(&self.group).is_ok()));
        let stream = format!("{arn}:log-stream:{}", self.stream);
        let may = |action: &str, resource: &str| {
            let right = Right::new(format!("logs:{action}"), resource);
            self.identities.role_may(&self.role_arn, &right)
        };
        let allowed = may("PutLogEvents", &stream)
            && may("CreateLogStream", &stream)
            && (is_there || may("CreateLogGroup", &format!("{arn}:log-stream:")));
        if allowed {
            self.logs.append(&self.group, &self.stream, lines);
        } else {
            tracing::debug!(
                group = self.group,
                role = self.role_arn,
                "lines were not kept"
            );
        }
    }
}
