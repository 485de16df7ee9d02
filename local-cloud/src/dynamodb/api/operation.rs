//! How a request of dynoxide becomes an operation of the service.

use std::collections::HashMap;
use std::future::Future;

use dynoxide::{Database, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::DynamoDbService;
use super::errors::{aws_error, classify};
use super::integers::check_integers;
use super::permissions::{on_table, some};
use super::table_names::named;
use crate::dynamodb::Tables;
use crate::dynamodb::arns::Arns;
use crate::error::AwsError;
use crate::protocol::http::Caller;
use crate::service::json::{FromBody, JsonText};
use crate::service::{CallContext, Operation, Required};

/// What an operation answers.
pub(super) type Answer<R> = Result<<R as DynoxideRequest>::Response, DynoxideError>;

/// A request of dynoxide, which is the typed input of an operation.
pub(super) trait DynoxideRequest: DeserializeOwned + Send + Sync + 'static {
    /// The operation's name.
    const NAME: &'static str;

    /// Whether the output holds ARNs, which are then translated. What holds a client's data must not
    /// be changed.
    const HAS_ARNS: bool = false;

    /// Dynoxide's response.
    type Response: Serialize + Send + 'static;

    /// Puts names in the place of the tables' ARNs, and dynoxide's ARNs in the place of this cloud's:
    /// what follows, permissions included, sees what dynoxide sees.
    ///
    /// # Errors
    /// For ARNs that are not of this account and region, or not of the form that the operation takes.
    fn localize(&mut self, tables: &Tables) -> Result<(), DynoxideError>;

    /// The names of the tables that the request names.
    fn tables(&self) -> Vec<String>;

    /// Everything that the caller must be allowed to do: the operation on each of the tables.
    ///
    /// # Errors
    /// For a request whose tables cannot be told.
    fn required_permissions(&self, tables: &Tables) -> Required {
        let names = self.tables().into_iter();
        let permissions = names.map(|table| on_table(Self::NAME, &table, tables));
        some(permissions.collect::<Required>()?, "tableName")
    }

    /// The error as DynamoDB words it for this operation.
    fn reworded(error: DynoxideError) -> DynoxideError {
        error
    }

    /// Carries out the operation.
    fn execute(self, tables: &Tables) -> impl Future<Output = Answer<Self>> + Send;
}

/// Puts the name in the place of a table's ARN.
///
/// # Errors
/// `ValidationException` for an ARN that is not of a table of this account and region.
pub(super) fn localize_table(table: &mut String, tables: &Tables) -> Result<(), DynoxideError> {
    let name = tables.arns().named_table(table)?;
    if name.len() < table.len() {
        *table = name.to_owned();
    }
    Ok(())
}

/// The same for the tables of a batch.
///
/// # Errors
/// As above, and for a table that is named twice.
pub(super) fn localize_keys<V>(
    batch: &mut HashMap<String, V>,
    tables: &Tables,
) -> Result<(), DynoxideError> {
    let arns: Vec<String> = batch
        .keys()
        .filter(|key| key.starts_with("arn:"))
        .cloned()
        .collect();
    for arn in arns {
        let name = tables.arns().table(&arn)?.to_owned();
        if let Some(value) = batch.remove(&arn)
            && batch.insert(name, value).is_some()
        {
            let message = "Provided list of tables contains duplicates".to_owned();
            return Err(DynoxideError::ValidationException(message));
        }
    }
    Ok(())
}

/// Carries out a request about one item, at once where no other command runs.
pub(super) async fn on_item<R: DynoxideRequest>(
    tables: &Tables,
    request: R,
    method: fn(&Database, R) -> Answer<R>,
) -> Answer<R> {
    tables.transitions().check_use(|| request.tables())?;
    let command = move |database: &Database| method(database, request);
    tables.run_on_item(command).await
}

/// Carries out a request that only reads, on a thread that no write waits for.
pub(super) async fn on_reader<R: DynoxideRequest>(
    tables: &Tables,
    request: R,
    method: fn(&Database, R) -> Answer<R>,
) -> Answer<R> {
    tables.transitions().check_use(|| request.tables())?;
    let command = move |database: &Database| method(database, request);
    tables.read(command).await
}

/// Carries out a request that may take long, on the tables' thread.
pub(super) async fn on_thread<R: DynoxideRequest>(
    tables: &Tables,
    request: R,
    method: fn(&Database, R) -> Answer<R>,
) -> Answer<R> {
    tables.transitions().check_use(|| request.tables())?;
    let command = move |database: &Database| method(database, request);
    tables.run(command).await
}

impl<R: DynoxideRequest> FromBody<DynamoDbService> for R {
    fn from_body(body: &[u8], service: &DynamoDbService) -> Result<Self, AwsError> {
        let tables = &*service.tables;
        let read = match std::str::from_utf8(body) {
            Ok(body) => check_integers(body).and_then(|()| match named(body, tables.arns()) {
                Some(named) => parse::<R>(&named),
                None => parse::<R>(body),
            }),
            Err(_) => Err(DynoxideError::SerializationException(String::new())),
        };
        let localized = read.and_then(|mut request| {
            request.localize(tables)?;
            Ok(request)
        });
        localized.map_err(|error| refusal::<R>(error, tables.arns()))
    }
}

impl<R: DynoxideRequest> Operation<DynamoDbService> for R {
    const NAME: &'static str = R::NAME;
    type Output = JsonText;

    fn required_permissions(&self, service: &DynamoDbService, _: &Caller) -> Required {
        DynoxideRequest::required_permissions(self, &service.tables)
    }

    async fn run(self, service: &DynamoDbService, _: &CallContext) -> Result<JsonText, AwsError> {
        let arns = service.tables.arns();
        let answer = self.execute(&service.tables).await;
        let response = answer.map_err(|error| refusal::<R>(error, arns))?;
        let text = serde_json::to_string(&response)
            .map_err(|problem| AwsError::internal(problem.to_string()))?;
        Ok(JsonText(if R::HAS_ARNS {
            arns.to_cloud(&text)
        } else {
            text
        }))
    }
}

fn parse<R: DynoxideRequest>(body: &str) -> Result<R, DynoxideError> {
    // Serde reads an array into a structure too, member by member.
    if body.trim_ascii_start().starts_with('[') {
        let message = "The body is not a JSON object.".to_owned();
        return Err(DynoxideError::SerializationException(message));
    }
    serde_json::from_str(body).map_err(|problem| classify(&problem.to_string()))
}

/// The error that a client gets.
fn refusal<R: DynoxideRequest>(error: DynoxideError, arns: &Arns) -> AwsError {
    let error = R::reworded(error);
    if R::HAS_ARNS {
        aws_error(&error, |text| arns.to_cloud(&text))
    } else {
        aws_error(&error, |text| text)
    }
}
