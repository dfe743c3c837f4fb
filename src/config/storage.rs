//! Files: where they are kept.

use std::path::PathBuf;

use secrecy::SecretString;
use serde::Deserialize;
use url::Url;

/// Where pictures and other files are kept (spec §18).
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Storage {
    /// In which way.
    pub kind: StorageKind,
    /// The folder of the folder kind. Default: `files` in the data folder.
    pub folder: Option<PathBuf>,
    /// The bucket of the S3 kind.
    pub s3: S3,
}

impl Default for Storage {
    fn default() -> Self {
        Self {
            kind: StorageKind::Folder,
            folder: None,
            s3: S3::default(),
        }
    }
}

/// Ways to keep files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StorageKind {
    /// A folder of this machine, or one that all nodes share.
    Folder,
    /// A bucket of S3, or of a service that speaks like it.
    S3,
    /// Memory: gone when the process ends. For tests.
    Memory,
}

/// A bucket of S3, or of a service that speaks like it.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct S3 {
    /// Name of the bucket.
    pub bucket: Option<String>,
    /// Put before every key, so that the bucket can be shared.
    pub prefix: String,
    /// Address of the service, such as `http://127.0.0.1:9000`. Default: that of
    /// AWS in the region.
    pub endpoint: Option<Url>,
    /// Region of the bucket.
    pub region: String,
    /// Who we are there. Default: what AWS says of the machine that we run on.
    pub access_key_id: Option<String>,
    /// Proof of that.
    pub secret_access_key: Option<SecretString>,
}

impl Default for S3 {
    fn default() -> Self {
        Self {
            bucket: None,
            prefix: String::new(),
            endpoint: None,
            region: "us-east-1".into(),
            access_key_id: None,
            secret_access_key: None,
        }
    }
}
