//! One error for all handlers: a status, and words for people; what is inside never leaves.

use super::tallied::Reason;
use crate::authority::AuthorityError;
use crate::files::FileError;
use crate::identity::IdentityError;
use crate::limits;
use crate::publications::PublishError;
use crate::shares::RanOut;
use crate::store::StoreError;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use tongban_shared::document::DocumentError;
use tongban_shared::trust::{Budget, Rebuff};

/// Why a request failed.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// 401: nobody is signed in.
    #[error("请先登录")]
    SignedOut,
    /// 403: the person may not do this.
    #[error("没有此权限")]
    Forbidden,
    /// 403: a page of another site asks.
    #[error("请求来自其他网站，已拒绝；如果这就是本系统的网址，请管理员核对 --address")]
    ForeignOrigin,
    /// 404
    #[error("找不到")]
    NotFound,
    /// 422: the request does not say what it must.
    #[error("{0}")]
    Invalid(String),
    /// 401, 409, 422, 429, 503: by its kind.
    #[error(transparent)]
    Identity(IdentityError),
    /// 500, logged.
    #[error("系统暂时不能处理，请稍后再试")]
    Store(#[from] StoreError),
    /// 500, logged; 503 with the time after which to come again where it is only away.
    #[error("系统暂时不能处理，请稍后再试")]
    Document(#[from] DocumentError),
    /// 404, 409, 500: by its kind.
    #[error(transparent)]
    Authority(#[from] AuthorityError),
    /// 404, 409, 422, 500: by its kind.
    #[error(transparent)]
    Publish(PublishError),
    /// 409, 413, 422, 500: by its kind.
    #[error(transparent)]
    File(#[from] FileError),
    /// 429, with the time after which to come again; 503 where it is the memory of all that is taken.
    #[error(transparent)]
    RanOut(#[from] RanOut),
    /// 500, logged.
    #[error("页面暂时不能生成")]
    Page(#[from] askama::Error),
}

impl From<IdentityError> for HttpError {
    fn from(error: IdentityError) -> Self {
        match error {
            IdentityError::SignedOut => Self::SignedOut,
            IdentityError::Forbidden => Self::Forbidden,
            other => Self::Identity(other),
        }
    }
}

impl From<PublishError> for HttpError {
    fn from(error: PublishError) -> Self {
        match error {
            PublishError::Act(error) => error.into(),
            PublishError::NoRoom(ran_out) => Self::RanOut(ran_out),
            other => Self::Publish(other),
        }
    }
}

impl HttpError {
    /// The reason that is counted for the audit trail, if it is one.
    const fn reason(&self) -> Option<Reason> {
        Some(match self {
            Self::Forbidden => Reason::Rebuff(Rebuff::Forbidden),
            Self::ForeignOrigin => Reason::Rebuff(Rebuff::Foreign),
            Self::Identity(
                IdentityError::WrongPassword
                | IdentityError::CodeNeeded
                | IdentityError::WrongCode
                | IdentityError::NoPasskey
                | IdentityError::NotRecognised
                | IdentityError::NotSent
                | IdentityError::NotBound,
            ) => Reason::Rebuff(Rebuff::Unproven),
            Self::File(FileError::OtherContent) => Reason::Rebuff(Rebuff::Spoilt),
            // Nothing that the account did.
            Self::RanOut(RanOut { of_all: true, .. }) => return None,
            Self::RanOut(ran_out) | Self::Identity(IdentityError::TooManyAttempts(ran_out)) => {
                Reason::RanOut(ran_out.what)
            }
            Self::Identity(IdentityError::Busy) => Reason::RanOut(Budget::Hashings),
            Self::Authority(AuthorityError::TooManyToday) => Reason::RanOut(Budget::Devices),
            Self::Publish(PublishError::TooManyToday) => Reason::RanOut(Budget::Editions),
            Self::File(FileError::Full { .. } | FileError::FullOfPerson { .. }) => {
                Reason::RanOut(Budget::Files)
            }
            Self::File(FileError::TooManyBegun) => Reason::RanOut(Budget::Begun),
            _ => return None,
        })
    }

    /// Whether a document that it needs is not open now, and will be.
    const fn is_away(&self) -> bool {
        matches!(
            self,
            Self::Document(DocumentError::Away)
                | Self::Authority(AuthorityError::Document(DocumentError::Away))
                | Self::Publish(PublishError::Document(DocumentError::Away))
        )
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::SignedOut
            | Self::Identity(
                IdentityError::SignedOut
                | IdentityError::WrongPassword
                | IdentityError::CodeNeeded
                | IdentityError::WrongCode
                | IdentityError::NoPasskey
                | IdentityError::NotRecognised
                | IdentityError::NotSent
                | IdentityError::NotBound,
            ) => StatusCode::UNAUTHORIZED,
            Self::Forbidden | Self::ForeignOrigin | Self::Identity(IdentityError::Forbidden) => {
                StatusCode::FORBIDDEN
            }
            Self::NotFound
            | Self::Identity(IdentityError::InvalidLink)
            | Self::Publish(PublishError::NoEdition)
            | Self::Authority(AuthorityError::Unknown) => StatusCode::NOT_FOUND,
            Self::Publish(
                PublishError::Changed
                | PublishError::Drafted
                | PublishError::Differs
                | PublishError::Marked(_)
                | PublishError::NoTemplate(_)
                | PublishError::Same(_)
                | PublishError::TooMuchFed,
            ) => StatusCode::CONFLICT,
            Self::Publish(PublishError::TooLarge)
            | Self::File(
                FileError::TooLarge
                | FileError::Full { .. }
                | FileError::FullOfPerson { .. }
                | FileError::TooManyBegun,
            ) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::File(FileError::Elsewhere(_)) => StatusCode::CONFLICT,
            Self::File(FileError::OtherContent) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Publish(PublishError::Sensitive(_)) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::RanOut(RanOut { of_all: true, .. }) => StatusCode::SERVICE_UNAVAILABLE,
            _ if self.is_away() => StatusCode::SERVICE_UNAVAILABLE,
            Self::RanOut(_)
            | Self::Authority(AuthorityError::TooManyToday)
            | Self::Publish(PublishError::TooManyToday)
            | Self::Identity(IdentityError::TooManyAttempts(_)) => StatusCode::TOO_MANY_REQUESTS,
            Self::Identity(IdentityError::Busy | IdentityError::NoProvider) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Identity(
                IdentityError::LoginTaken
                | IdentityError::CodeSet
                | IdentityError::TooManyPasskeys
                | IdentityError::TooManyLinks
                | IdentityError::BoundElsewhere,
            )
            | Self::Authority(
                AuthorityError::OtherKey
                | AuthorityError::OtherPerson
                | AuthorityError::Ended
                | AuthorityError::TooMany
                | AuthorityError::NotItsKey,
            ) => StatusCode::CONFLICT,
            Self::Invalid(_)
            | Self::Identity(
                IdentityError::BadLogin
                | IdentityError::BadPassword
                | IdentityError::NeedsDomain
                | IdentityError::LastAdministrator,
            ) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Identity(IdentityError::Store(_))
            | Self::Authority(AuthorityError::Store(_) | AuthorityError::Document(_))
            | Self::Store(_)
            | Self::Document(_)
            | Self::Publish(_)
            | Self::File(_)
            | Self::Page(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl IntoResponse for HttpError {
    fn into_response(self) -> Response {
        let status = self.status();
        if status == StatusCode::INTERNAL_SERVER_ERROR {
            tracing::error!(error = ?self, "A request failed");
        }
        let reason = self.reason();
        // A page asks for a code only when it hears that one is missing.
        let needs = matches!(self, Self::Identity(IdentityError::CodeNeeded)).then_some("code");
        let said = Json(serde_json::json!({ "error": self.to_string(), "needs": needs }));
        let mut response = (status, said).into_response();
        let again_after = match &self {
            Self::RanOut(ran_out) | Self::Identity(IdentityError::TooManyAttempts(ran_out)) => {
                Some(ran_out.again_after)
            }
            _ => self.is_away().then_some(limits::SHARE_AGAIN),
        };
        if let Some(after) = again_after {
            let seconds = HeaderValue::from(after.as_secs().max(1));
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        if let Some(reason) = reason {
            response.extensions_mut().insert(reason);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shares::{Held, Payer, Shares};

    #[test]
    fn what_is_only_away_is_asked_for_again() {
        let memory = Shares::default();
        let all: Vec<_> = (0..9)
            .map(|network| memory.nothing(&Payer::Network(format!("{network}")), Held::Parts))
            .map(|mut lease| lease.grow(limits::MEMORY / 8).map(|()| lease))
            .collect();
        let lacks = all.into_iter().find_map(Result::err).expect("all of it is taken");
        let away = [
            HttpError::Document(DocumentError::Away),
            HttpError::Authority(AuthorityError::Document(DocumentError::Away)),
            HttpError::RanOut(RanOut { of_all: true, ..lacks }),
        ];
        for error in away {
            assert!(error.reason().is_none(), "nobody is to blame");
            let response = error.into_response();
            assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
            assert!(response.headers().contains_key(header::RETRY_AFTER));
        }
        let damaged = HttpError::Document(DocumentError::Corrupt(String::new())).into_response();
        assert_eq!(damaged.status(), StatusCode::INTERNAL_SERVER_ERROR);
    }
}
