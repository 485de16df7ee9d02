//! DynamoDB's operations by name: JSON to dynoxide's typed calls and back.
//!
//! Dynoxide's own dispatch is part of its HTTP server, which would be a second endpoint without
//! signatures; this calls what it calls.

use dynoxide::actions::list_tables::ListTablesRequest;
use dynoxide::actions::list_tags_of_resource::ListTagsOfResourceRequest;
use dynoxide::{Database, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::AwsError;
use crate::tagging::engine::Tagged;

type Run = fn(&Database, &str) -> Result<String, DynoxideError>;

/// One operation of DynamoDB.
#[derive(Debug, Clone, Copy)]
pub(super) struct Operation {
    name: &'static str,
    run: Run,
}

macro_rules! operations {
    ($($name:literal => $method:ident,)*) => {
        impl Operation {
            /// The operation with this name, where dynoxide has it.
            pub(super) fn named(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self {
                        name: $name,
                        run: |database, body| write(&database.$method(read(body)?)?),
                    }),)*
                    _ => None,
                }
            }
        }
    };
}

operations! {
    "BatchExecuteStatement" => batch_execute_statement,
    "BatchGetItem" => batch_get_item,
    "BatchWriteItem" => batch_write_item,
    "CreateTable" => create_table,
    "DeleteItem" => delete_item,
    "DeleteTable" => delete_table,
    "DescribeStream" => describe_stream,
    "DescribeTable" => describe_table,
    "DescribeTimeToLive" => describe_time_to_live,
    "ExecuteStatement" => execute_statement,
    "ExecuteTransaction" => execute_transaction,
    "GetItem" => get_item,
    "GetRecords" => get_records,
    "GetShardIterator" => get_shard_iterator,
    "ListStreams" => list_streams,
    "ListTables" => list_tables,
    "ListTagsOfResource" => list_tags_of_resource,
    "PutItem" => put_item,
    "Query" => query,
    "Scan" => scan,
    "SearchVectors" => search_vectors,
    "TagResource" => tag_resource,
    "TransactGetItems" => transact_get_items,
    "TransactWriteItems" => transact_write_items,
    "UntagResource" => untag_resource,
    "UpdateItem" => update_item,
    "UpdateTable" => update_table,
    "UpdateTimeToLive" => update_time_to_live,
}

impl Operation {
    pub(super) fn name(self) -> &'static str {
        self.name
    }

    /// Whether it reads or writes a single item, by its key.
    pub(super) fn is_about_one_item(self) -> bool {
        matches!(
            self.name,
            "GetItem" | "PutItem" | "UpdateItem" | "DeleteItem"
        )
    }

    /// Runs the operation: an HTTP status and a JSON body.
    pub(super) fn run(self, database: &Database, arns: &Arns, body: &[u8]) -> (u16, String) {
        let result = match std::str::from_utf8(body) {
            Ok(body) if self.speaks_of_arns() => {
                (self.run)(database, &body.replace(&arns.ours, DYNOXIDES))
            }
            Ok(body) => (self.run)(database, body),
            Err(_) => Err(DynoxideError::SerializationException(String::new())),
        };
        let (status, reply) = match result {
            Ok(reply) => (200, reply),
            Err(error) => {
                let error = self.as_written(error);
                (error.status_code(), error.to_json())
            }
        };
        if self.speaks_of_arns() {
            (status, reply.replace(DYNOXIDES, &arns.ours))
        } else {
            (status, reply)
        }
    }

    /// Whether input or output hold ARNs rather than a client's data, which must not be touched.
    fn speaks_of_arns(self) -> bool {
        self.name.ends_with("Table")
            || self.name.ends_with("Resource")
            || self.name.ends_with("Stream")
            || matches!(
                self.name,
                "ListStreams" | "GetShardIterator" | "UpdateTimeToLive"
            )
    }

    /// Errors that DynamoDB words by the operation.
    fn as_written(self, error: DynoxideError) -> DynoxideError {
        match error {
            DynoxideError::EnvelopedValidation(message)
                if matches!(self.name, "PutItem" | "UpdateItem" | "DeleteItem") =>
            {
                DynoxideError::ValidationException(format!(
                    "1 validation error detected: {message}"
                ))
            }
            DynoxideError::ConditionalCheckFailedException(message, Some(item))
                if self.name == "ExecuteStatement" =>
            {
                DynoxideError::StatementConditionalCheckFailed(message, item)
            }
            other => other,
        }
    }
}

/// The start of every ARN that dynoxide writes; it takes no region or account.
const DYNOXIDES: &str = "arn:aws:dynamodb:dynoxide:000000000000:";

/// The start of this cloud's ARNs.
#[derive(Debug)]
pub(super) struct Arns {
    ours: String,
}

impl Arns {
    pub(super) fn new(account: &str, region: &str) -> Self {
        Self {
            ours: format!("arn:aws:dynamodb:{region}:{account}:"),
        }
    }
}

impl Arns {
    /// Every table with its tags.
    pub(super) fn tagged(&self, database: &Database) -> Result<Vec<Tagged>, AwsError> {
        let failed = |problem: DynoxideError| AwsError::internal(problem.to_string());
        let mut all = Vec::new();
        let mut after = None;
        loop {
            let asked = ListTablesRequest {
                exclusive_start_table_name: after,
                ..ListTablesRequest::default()
            };
            let page = database.list_tables(asked).map_err(failed)?;
            for name in page.table_names {
                let asked = ListTagsOfResourceRequest {
                    resource_arn: Some(format!("{DYNOXIDES}table/{name}")),
                };
                let tags = database.list_tags_of_resource(asked).map_err(failed)?.tags;
                all.push(Tagged {
                    arn: format!("{}table/{name}", self.ours),
                    tags: tags.into_iter().map(|tag| (tag.key, tag.value)).collect(),
                });
            }
            match page.last_evaluated_table_name {
                None => return Ok(all),
                more => after = more,
            }
        }
    }
}

fn read<T: DeserializeOwned>(body: &str) -> Result<T, DynoxideError> {
    serde_json::from_str(body).map_err(|problem| classify(&problem.to_string()))
}

fn write<T: Serialize>(output: &T) -> Result<String, DynoxideError> {
    serde_json::to_string(output)
        .map_err(|problem| DynoxideError::InternalServerError(problem.to_string()))
}

/// Dynoxide's request types say in a prefix of serde's message which error DynamoDB gives; a
/// member that is missing is a validation error there, one of the wrong type is not.
fn classify(message: &str) -> DynoxideError {
    let (text, _) = message.rsplit_once(" at line ").unwrap_or((message, ""));
    let owned = str::to_owned;
    for marker in ["SERIALIZATION:", "SERIALIZATION_AS_READ:"] {
        if let Some(rest) = text.strip_prefix(marker) {
            return DynoxideError::SerializationException(owned(rest));
        }
    }
    for marker in ["VALIDATION:", "VALIDATION_AS_READ:"] {
        if let Some(rest) = text.strip_prefix(marker) {
            return DynoxideError::ValidationException(owned(rest));
        }
    }
    if let Some(rest) = text.strip_prefix("VALIDATION_REQUEST:") {
        return DynoxideError::EnvelopedValidation(owned(rest));
    }
    let validation = [
        "missing field",
        "unknown variant",
        "invalid type: null",
        "Supplied AttributeValue",
    ];
    if validation.iter().any(|words| text.contains(words)) {
        return DynoxideError::ValidationException(owned(text));
    }
    if text.contains("empty AttributeValue") {
        return DynoxideError::ValidationException(owned(
            "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes",
        ));
    }
    DynoxideError::SerializationException(owned(text))
}
