//! Words of requests as they come from outside. The sign U+0000 stands in none of them: databases do not keep
//! it, and nobody types it.

use super::HttpError;
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, Request};
use axum::http::Uri;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The body of a request, in JSON.
pub struct Said<T>(pub T);

/// Why a body is none.
pub enum Unsaid {
    Form(JsonRejection),
    Words(HttpError),
}

impl IntoResponse for Unsaid {
    fn into_response(self) -> Response {
        match self {
            Self::Form(rejection) => rejection.into_response(),
            Self::Words(why) => why.into_response(),
        }
    }
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Said<T> {
    type Rejection = Unsaid;

    async fn from_request(request: Request, state: &S) -> Result<Self, Unsaid> {
        let Json(value) = Json::<Value>::from_request(request, state).await.map_err(Unsaid::Form)?;
        if has_nul(&value) {
            return Err(Unsaid::Words(unfit()));
        }
        let read = serde_json::from_value(value);
        read.map(Self).map_err(|error| Unsaid::Words(HttpError::Invalid(format!("请求的内容不对：{error}"))))
    }
}

fn unfit() -> HttpError {
    HttpError::Invalid("内容里有不能保存的字符，请删去后重试".to_owned())
}

fn has_nul(value: &Value) -> bool {
    match value {
        Value::String(words) => words.contains('\0'),
        Value::Array(values) => values.iter().any(has_nul),
        Value::Object(fields) => fields.iter().any(|(name, value)| name.contains('\0') || has_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// Refuses addresses with that sign.
pub async fn fit(request: Request, next: Next) -> Response {
    if names_nul(request.uri()) { unfit().into_response() } else { next.run(request).await }
}

fn names_nul(uri: &Uri) -> bool {
    uri.path_and_query().is_some_and(|words| words.as_str().contains("%00"))
}

#[cfg(test)]
mod tests {
    use super::{has_nul, names_nul};
    use serde_json::json;

    #[test]
    fn the_sign_that_no_database_keeps_is_found_wherever_it_stands() {
        for with in [json!("a\0"), json!(["a", "\0"]), json!({ "a": { "b": ["\0"] } }), json!({ "\0": 1 })] {
            assert!(has_nul(&with), "{with}");
        }
        assert!(!has_nul(&json!({ "a": ["b", 0, null, "\\u0000"] })));
        let named = |words: &'static str| names_nul(&words.parse().expect("an address"));
        assert!(named("/api/audit?act=%00") && named("/api/invitations/x%00"));
        assert!(!named("/api/audit?act=sign_in") && !named("/p/x"));
    }
}
