//! A call as data, read from its serialized request, so that what is shown of a call is what is sent.
//! Pure.

use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

/// A call: its service, operation and parameters.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Call {
    /// The service as the SDK names it, for example `CloudWatch Logs`.
    pub(super) service: String,
    /// The operation, for example `CreateQueue`.
    pub(super) operation: String,
    /// The parameters by their names in the API.
    pub(super) parameters: Map<String, Value>,
}

/// What names the thing that a call is about, the most telling first.
const SUBJECTS: [&str; 16] = [
    "QueueName",
    "QueueUrl",
    "TableName",
    "FunctionName",
    "UUID",
    "RoleName",
    "logGroupName",
    "logGroupNamePrefix",
    "logGroupIdentifier",
    "SourceArn",
    "EventSourceArn",
    "Resource",
    "ResourceArn",
    "resourceArn",
    "TaskHandle",
    "PolicyArn",
];

impl Call {
    /// Reads a call from its request.
    pub(super) fn read(service: &str, operation: &str, request: &HttpRequest) -> Self {
        let body = request.body().bytes().unwrap_or_default();
        let parameters = match service {
            "IAM" | "STS" => form(body),
            "Lambda" => rest(operation, request.uri(), body),
            _ => members(body),
        };
        Self {
            service: service.to_owned(),
            operation: operation.to_owned(),
            parameters,
        }
    }

    /// Whether the call changes nothing, except that a message which was received is hidden for a
    /// while.
    pub(super) fn is_read(&self) -> bool {
        const READS: [&str; 9] = [
            "Get",
            "List",
            "Describe",
            "Scan",
            "Query",
            "BatchGet",
            "Filter",
            "Receive",
            "ChangeMessageVisibility",
        ];
        READS.iter().any(|read| self.operation.starts_with(read))
    }

    /// The name of what the call is about: a queue, a function; empty where it is about nothing in
    /// particular.
    pub(super) fn subject(&self) -> &str {
        let named = SUBJECTS
            .iter()
            .find_map(|name| self.parameters.get(*name)?.as_str())
            .unwrap_or_default();
        if named.starts_with("http") {
            return named.rsplit('/').next().unwrap_or(named);
        }
        match named.strip_prefix("arn:") {
            // arn:aws:SERVICE:REGION:ACCOUNT:RESOURCE
            Some(rest) => rest.splitn(5, ':').nth(4).unwrap_or(named),
            None => named,
        }
    }

    /// Takes the code of a function out of the parameters; `None` where there is none.
    pub(super) fn take_zip(&mut self) -> Option<Vec<u8>> {
        let encoded = self.parameters.remove("ZipFile").or_else(|| {
            let code = self.parameters.remove("Code")?;
            code.get("ZipFile").cloned()
        })?;
        aws_smithy_types::base64::decode(encoded.as_str()?).ok()
    }
}

/// The members of a JSON body.
fn members(body: &[u8]) -> Map<String, Value> {
    serde_json::from_slice(body).unwrap_or_default()
}

/// The parameters of a Lambda call: some are in the path or the query, the others in the body.
fn rest(operation: &str, uri: &str, body: &[u8]) -> Map<String, Value> {
    let mut parameters = if operation == "Invoke" {
        let payload = String::from_utf8_lossy(body).into_owned();
        Map::from_iter([("Payload".to_owned(), payload.into())])
    } else {
        members(body)
    };
    let after_host = uri.split_once("://").map_or(uri, |(_, rest)| {
        rest.find('/').map_or("", |path| &rest[path..])
    });
    let (path, query) = after_host.split_once('?').unwrap_or((after_host, ""));
    // /VERSION/COLLECTION/NAME…
    let mut segments = path.trim_start_matches('/').split('/').skip(1);
    let collection = segments.next().unwrap_or_default();
    let name = segments.next().filter(|name| !name.is_empty());
    let label = match collection {
        "functions" => "FunctionName",
        "event-source-mappings" => "UUID",
        "tags" => "Resource",
        _ => return parameters,
    };
    if let Some(name) = name {
        parameters.insert(label.to_owned(), decoded(name).into());
    }
    for (name, value) in pairs(query) {
        parameters.insert(name, value.into());
    }
    parameters
}

/// The parameters of a call with the query protocol, as in
/// `Action=TagRole&RoleName=r&Tags.member.1.Key=k`.
fn form(body: &[u8]) -> Map<String, Value> {
    let body = String::from_utf8_lossy(body);
    let pairs: Vec<(String, String)> = pairs(&body)
        .filter(|(name, _)| !["Action", "Version"].contains(&name.as_str()))
        .collect();
    let entries = pairs
        .iter()
        .map(|(name, value)| (name.split('.').collect(), value.as_str()))
        .collect();
    match nested(entries) {
        Value::Object(members) => members,
        _ => Map::new(),
    }
}

/// A value and its path.
type Entry<'a> = (Vec<&'a str>, &'a str);

/// Values by their paths as one value. A path `member`, `1` is an element of a list.
fn nested(entries: Vec<Entry<'_>>) -> Value {
    if let [(path, value)] = &entries[..]
        && path.is_empty()
    {
        return Value::from(*value);
    }
    let mut groups: Vec<(&str, Vec<Entry<'_>>)> = Vec::new();
    for (path, value) in entries {
        let Some((first, rest)) = path.split_first() else {
            continue;
        };
        let entry = (rest.to_vec(), value);
        match groups.iter_mut().find(|(name, _)| name == first) {
            Some((_, group)) => group.push(entry),
            None => groups.push((first, vec![entry])),
        }
    }
    if let [("member", elements)] = &groups[..] {
        let Value::Object(elements) = nested(elements.clone()) else {
            return Value::Null;
        };
        return elements.into_iter().map(|(_, element)| element).collect();
    }
    let members = groups.into_iter();
    Value::Object(
        members
            .map(|(name, group)| (name.to_owned(), nested(group)))
            .collect(),
    )
}

fn pairs(form: &str) -> impl Iterator<Item = (String, String)> {
    form.split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (decoded(name), decoded(&value.replace('+', " "))))
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests;
