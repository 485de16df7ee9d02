//! The HTTP client of all services. Root certificates are loaded at the first HTTPS request: that
//! takes longer than a call to the local cloud, which needs none.

use std::collections::HashMap;
use std::error::Error;
use std::io;
use std::net::IpAddr;
use std::sync::{Mutex, OnceLock, PoisonError};

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode};
use aws_smithy_http_client::{Connector, ConnectorBuilder};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use hyper::Uri;

/// Nothing listens at a loopback address. Unlike a server that does not respond, that is known at
/// once, and trying again does not help.
#[derive(Debug, thiserror::Error)]
#[error("nothing listens at {0}: the connection was refused")]
pub(super) struct NoListener(String);

/// There are no root certificates, so no HTTPS server can be trusted.
#[derive(Debug, Clone, thiserror::Error)]
#[error("there are no root certificates{0}, so no HTTPS server can be trusted")]
pub(super) struct NoCertificates(String);

/// The proxy that the environment names, as the AWS CLI reads it.
pub(super) fn proxy_from_environment() -> ProxyConfig {
    const NAMES: [&str; 3] = ["http_proxy", "https_proxy", "all_proxy"];
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let is_named = |name: &&str| is_set(name) || is_set(&name.to_uppercase());
    if NAMES.iter().any(is_named) {
        ProxyConfig::from_env()
    } else {
        ProxyConfig::disabled()
    }
}

/// An HTTP client that uses this proxy, if any.
pub(super) fn http_client(proxy: ProxyConfig) -> SharedHttpClient {
    SharedHttpClient::new(Transport {
        proxy,
        connectors: Mutex::default(),
    })
}

/// One connector, with its pool of connections, for each set of timeouts.
#[derive(Debug)]
struct Transport {
    proxy: ProxyConfig,
    connectors: Mutex<HashMap<String, SharedHttpConnector>>,
}

impl HttpClient for Transport {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let connectors = self.connectors.lock();
        let mut connectors = connectors.unwrap_or_else(PoisonError::into_inner);
        let new = || {
            let mut builder = Connector::builder().proxy_config(self.proxy.clone());
            builder.set_connector_settings(Some(settings.clone()));
            builder.set_sleep_impl(components.sleep_impl());
            SharedHttpConnector::new(LazyTls {
                is_direct: self.proxy.is_disabled(),
                plain: builder.clone().tls(TrustStore::empty()),
                builder,
                secure: OnceLock::new(),
            })
        };
        let timeouts = format!("{settings:?}");
        connectors.entry(timeouts).or_insert_with(new).clone()
    }
}

/// A connector that loads the root certificates when they are needed.
#[derive(Debug)]
struct LazyTls {
    /// Whether requests go to the server itself, not to a proxy.
    is_direct: bool,
    builder: ConnectorBuilder,
    plain: Connector,
    secure: OnceLock<Result<Connector, NoCertificates>>,
}

impl HttpConnector for LazyTls {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let uri: Uri = request.uri().parse().unwrap_or_default();
        let plain = self.is_direct && uri.scheme_str() == Some("http");
        if plain {
            let answer = self.plain.call(request);
            return HttpConnectorFuture::new(async move {
                answer.await.map_err(|error| refused(&uri, error))
            });
        }
        let secure = self.secure.get_or_init(|| {
            require_certificates()?;
            Ok(self.builder.clone().tls(TrustStore::default()))
        });
        match secure {
            Ok(connector) => connector.call(request),
            Err(missing) => {
                let error = ConnectorError::user(missing.clone().into());
                HttpConnectorFuture::ready(Err(error))
            }
        }
    }
}

/// Builds a connector with these trusted certificates.
trait WithTls {
    fn tls(self, trusted: TrustStore) -> Connector;
}

impl WithTls for ConnectorBuilder {
    fn tls(self, trusted: TrustStore) -> Connector {
        let context = TlsContext::builder().with_trust_store(trusted).build();
        self.tls_provider(Provider::Rustls(CryptoMode::Ring))
            .tls_context(context.unwrap_or_default())
            .build()
    }
}

/// The SDK panics where there is none.
fn require_certificates() -> Result<(), NoCertificates> {
    let found = rustls_native_certs::load_native_certs();
    if !found.certs.is_empty() {
        return Ok(());
    }
    let named = ["SSL_CERT_FILE", "SSL_CERT_DIR"]
        .into_iter()
        .find_map(|name| {
            let path = std::env::var_os(name)?;
            Some(format!(" in {} ({name})", path.display()))
        });
    Err(NoCertificates(named.unwrap_or_default()))
}

/// The error of a refused connection to a loopback address; others as they are.
fn refused(uri: &Uri, error: ConnectorError) -> ConnectorError {
    let host = uri.host().unwrap_or_default();
    let address: Option<IpAddr> = host.trim_matches(['[', ']']).parse().ok();
    let is_loopback = address.map_or(host == "localhost", |address| address.is_loopback());
    if !is_loopback || !is_refused(&error) {
        return error;
    }
    let port = uri.port_u16().unwrap_or(80);
    ConnectorError::other(NoListener(format!("{host}:{port}")).into(), None)
}

fn is_refused(error: &(dyn Error + 'static)) -> bool {
    std::iter::successors(Some(error), |&error| error.source())
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|cause| cause.kind() == io::ErrorKind::ConnectionRefused)
}
