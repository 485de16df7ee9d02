//! How a request of dynoxide becomes an operation of the service.

use std::future::Future;

use dynoxide::{Database, DynoxideError};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::DynamoDbService;
use super::errors::{aws_error, classify};
use super::permissions::on_tables;
use crate::dynamodb::Tables;
use crate::dynamodb::arns::Arns;
use crate::error::AwsError;
use crate::iam::RequiredPermission;
use crate::protocol::http::Caller;
use crate::service::json::{FromBody, JsonText};
use crate::service::{CallContext, Operation};

/// What an operation answers.
pub(super) type Answer<R> = Result<<R as DynoxideRequest>::Response, DynoxideError>;

/// A request of dynoxide, which is the typed input of an operation.
pub(super) trait DynoxideRequest: DeserializeOwned + Send + Sync + 'static {
    /// The operation's name.
    const NAME: &'static str;

    /// Whether input or output hold ARNs, which are then translated. What holds a client's data
    /// must not be changed.
    const HAS_ARNS: bool = false;

    /// Dynoxide's response.
    type Response: Serialize + Send + 'static;

    /// The tables that the request names: their names or ARNs.
    fn tables(&self) -> Vec<String>;

    /// Everything that the caller must be allowed to do: the operation on each of the tables, and
    /// on anything where the request names none.
    fn required_permissions(&self, arns: &Arns) -> Vec<RequiredPermission> {
        on_tables(Self::NAME, self.tables(), arns)
    }

    /// The error as DynamoDB words it for this operation.
    fn reworded(error: DynoxideError) -> DynoxideError {
        error
    }

    /// Carries out the operation.
    fn execute(self, tables: &Tables) -> impl Future<Output = Answer<Self>> + Send;
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
        let arns = service.tables.arns();
        let read = match std::str::from_utf8(body) {
            Ok(body) if R::HAS_ARNS => parse(&arns.to_dynoxide(body)),
            Ok(body) => parse(body),
            Err(_) => Err(DynoxideError::SerializationException(String::new())),
        };
        read.map_err(|error| refusal::<R>(error, arns))
    }
}

impl<R: DynoxideRequest> Operation<DynamoDbService> for R {
    const NAME: &'static str = R::NAME;
    type Output = JsonText;

    fn required_permissions(
        &self,
        service: &DynamoDbService,
        _: &Caller,
    ) -> Vec<RequiredPermission> {
        DynoxideRequest::required_permissions(self, service.tables.arns())
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
