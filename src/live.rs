//! What can be replaced while the service runs.

use std::{fmt, sync::Arc};

use arc_swap::ArcSwap;

/// A value as it is now. Whoever begins something takes it once, with
/// [`Live::now`], and goes on with that to the end: nothing changes under their
/// hands.
pub struct Live<T>(Arc<ArcSwap<T>>);

impl<T> Live<T> {
    /// Begins with a value.
    pub fn new(value: impl Into<Arc<T>>) -> Self {
        Self(Arc::new(ArcSwap::new(value.into())))
    }

    /// The value as it is now.
    pub fn now(&self) -> Arc<T> {
        self.0.load_full()
    }

    /// Puts another in its place, for whoever begins from now on.
    pub fn replace(&self, value: impl Into<Arc<T>>) {
        self.0.store(value.into());
    }
}

impl<T> Clone for Live<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: fmt::Debug> fmt::Debug for Live<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Live").field(&*self.now()).finish()
    }
}
