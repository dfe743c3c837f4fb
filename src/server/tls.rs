//! Encryption of connections: a certificate that is replaced while the service
//! runs.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rustls::{
    ServerConfig,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;

use crate::{
    config::{self, ConfigError},
    live::Live,
};

/// What is in the two files.
type Contents = (Vec<u8>, Vec<u8>);

/// The certificate that is shown, and where the next one is found.
#[derive(Debug)]
pub struct Tls {
    certificate_file: PathBuf,
    key_file: PathBuf,
    check_every: Duration,
    current: Live<ServerConfig>,
    /// What it was made of.
    used: Mutex<Contents>,
}

impl Tls {
    /// Reads the certificate, if there is to be one.
    ///
    /// # Errors
    /// Files that cannot be read; a key that is not that of the certificate.
    pub fn open(settings: &config::Tls) -> Result<Option<Arc<Self>>, ConfigError> {
        let (Some(certificate_file), Some(key_file)) = (&settings.certificate_file, &settings.key_file) else {
            return Ok(None);
        };
        let contents = read(certificate_file, key_file)?;
        Ok(Some(Arc::new(Self {
            certificate_file: certificate_file.clone(),
            key_file: key_file.clone(),
            check_every: settings.check_every,
            current: Live::new(server_config(&contents)?),
            used: Mutex::new(contents),
        })))
    }

    /// Encrypts one connection, with the certificate of now.
    pub fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(self.current.now())
    }

    /// Reads the files again, for connections that come from now on. Whether there
    /// was anything new. If it cannot be used, the certificate before stays.
    ///
    /// # Errors
    /// Those of [`Tls::open`].
    pub fn reload(&self) -> Result<bool, ConfigError> {
        let contents = read(&self.certificate_file, &self.key_file)?;
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        if *used == contents {
            return Ok(false);
        }
        self.current.replace(server_config(&contents)?);
        *used = contents;
        Ok(true)
    }

    /// Looks now and then whether the files have changed, until `shutdown`.
    pub async fn follow(self: Arc<Self>, shutdown: CancellationToken) {
        let looking = async {
            let mut last_error = String::new();
            loop {
                tokio::time::sleep(self.check_every).await;
                match self.reload() {
                    Ok(is_new) => {
                        last_error.clear();
                        if is_new {
                            tracing::info!("there is a new certificate");
                        }
                    }
                    Err(error) if error.to_string() == last_error => {}
                    Err(error) => {
                        tracing::error!(%error, "the new certificate cannot be used; the old one stays");
                        last_error = error.to_string();
                    }
                }
            }
        };
        shutdown.run_until_cancelled(looking).await;
    }
}

fn read(certificate_file: &Path, key_file: &Path) -> Result<Contents, ConfigError> {
    let read = |name: &str, path: &Path| {
        let contents = std::fs::read(path);
        contents.map_err(|error| ConfigError::new(format!("tls.{name}: {}: {error}", path.display())))
    };
    Ok((read("certificate_file", certificate_file)?, read("key_file", key_file)?))
}

/// TLS 1.2 and 1.3, with HTTP/2 before HTTP/1.1.
fn server_config((certificates, key): &Contents) -> Result<ServerConfig, ConfigError> {
    let refuse = |name: &str, error: String| ConfigError::new(format!("tls.{name}: {error}"));
    let certificates: Vec<_> = CertificateDer::pem_slice_iter(certificates)
        .collect::<Result<_, _>>()
        .map_err(|error| refuse("certificate_file", error.to_string()))?;
    if certificates.is_empty() {
        return Err(refuse("certificate_file", "there is no certificate in it".into()));
    }
    // The error may tell of what stands in the file.
    let key = PrivateKeyDer::from_pem_slice(key)
        .map_err(|_| refuse("key_file", "there is no private key in it, in PEM form".into()))?;
    let provider = Arc::new(aws_lc_rs::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|config| config.with_no_client_auth().with_single_cert(certificates, key))
        .map_err(|error| refuse("certificate_file", error.to_string()))?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}
