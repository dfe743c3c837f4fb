//! What stands in the place of Redis in a build without it.

use std::sync::Arc;

use super::Quota;
use crate::config::{ConfigError, Redis};

/// There is none.
#[derive(Debug)]
pub enum Shared {}

impl Shared {
    pub async fn connect(settings: &Redis) -> Result<Option<Arc<Self>>, ConfigError> {
        Self::check(settings).map(|()| None)
    }

    pub fn check(settings: &Redis) -> Result<(), ConfigError> {
        match settings.url {
            None => Ok(()),
            Some(_) => Err(ConfigError::new("redis.url: this build has no Redis".into())),
        }
    }

    pub fn is_connected(&self) -> bool {
        match *self {}
    }

    pub async fn charge(&self, _: &str, _: Quota, _: u32) -> Option<(bool, u64)> {
        match *self {}
    }
}
