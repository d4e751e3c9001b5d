//! Long work in slices, between which the browser may draw and hear the person.

use gloo_timers::future::TimeoutFuture;

/// Milliseconds of work in one go.
const SLICE: f64 = 12.0;

/// The slice of a piece of work that is going on.
pub struct Slices {
    begun: f64,
}

impl Slices {
    /// The first slice begins.
    pub fn begin() -> Self {
        Self { begun: js_sys::Date::now() }
    }

    /// Whether the present slice is used up.
    pub fn is_over(&self) -> bool {
        js_sys::Date::now() - self.begun >= SLICE
    }

    /// Lets the browser go on if the slice is used up, and begins the next one.
    pub async fn rest(&mut self) {
        if self.is_over() {
            TimeoutFuture::new(0).await;
            *self = Self::begin();
        }
    }
}
