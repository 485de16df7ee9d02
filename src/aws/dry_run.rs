//! A dry run: calls that read are sent, calls that change something are answered here, as if they had
//! succeeded.

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::http::StatusCode;
use aws_smithy_types::body::SdkBody;

/// The header that marks a request which must not be sent; its value is the operation. It never
/// leaves this program.
const MARK: &str = "orders-lab-dry-run";

/// An HTTP client that does not send the marked requests, and the others as `real` does.
pub(super) fn unsent(real: SharedHttpClient) -> SharedHttpClient {
    SharedHttpClient::new(DryRun(real))
}

/// Marks a request as not to be sent.
pub(super) fn mark(request: &mut HttpRequest, operation: &str) {
    request.headers_mut().insert(MARK, operation.to_owned());
}

#[derive(Debug)]
struct DryRun(SharedHttpClient);

impl HttpClient for DryRun {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(DryConnector(self.0.http_connector(settings, components)))
    }
}

#[derive(Debug)]
struct DryConnector(SharedHttpConnector);

impl HttpConnector for DryConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        match request.headers().get(MARK) {
            Some(operation) => HttpConnectorFuture::ready(Ok(done(operation, &request))),
            None => self.0.call(request),
        }
    }
}

/// The response of a call that succeeded and returns nothing.
fn done(operation: &str, request: &HttpRequest) -> HttpResponse {
    let content = request.headers().get("content-type").unwrap_or_default();
    let body = if content.contains("form-urlencoded") {
        format!(
            "<{operation}Response><{operation}Result></{operation}Result></{operation}Response>"
        )
    } else {
        "{}".to_owned()
    };
    let ok = StatusCode::try_from(200).expect("200 is a status");
    HttpResponse::new(ok, SdkBody::from(body))
}
