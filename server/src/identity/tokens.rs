//! Tokens that browsers keep for the server, sealed with its own key: what a sign-in began with, and that a
//! browser is known. They cost the server nothing, so nobody can fill its store with them, and every process
//! over one store takes them.

use super::{Account, Identity, IdentityError};
use crate::clock;
use crate::shares::Payer;
use tongban_shared::document::{hex, unhex};
use tongban_shared::id::PersonId;
use tongban_shared::trust::{Key, Purpose, Seal, digest};

/// The answer to a question must come within so many seconds.
const SECONDS: u64 = 600;

/// A browser is known for so many milliseconds; no browser keeps a cookie for longer.
const KNOWN_FOR: u64 = 400 * 24 * 3600 * 1000;

/// So many people are known in one browser: offices share computers.
const KNOWN_PEOPLE: usize = 4;

/// Tokens of one request that are looked at.
const MOST: usize = 8;

/// The way in which a sign-in goes on; an answer to one is none to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asking {
    UsesPasskey = 1,
    MakesPasskey = 2,
    GoesToProvider = 3,
    Links = 4,
}

/// The beginning of a ceremony.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Begun {
    pub challenge: [u8; 16],
    /// The person who began it, where somebody is known.
    pub account: Option<PersonId>,
    pub state: Vec<u8>,
    /// Seconds since 1970.
    until: u64,
}

fn sealed(key: &Key, purpose: Purpose, content: &[u8]) -> String {
    format!("{}{}", hex(content), hex(&key.seal(purpose, content).signature))
}

fn opened(key: &Key, purpose: Purpose, token: &str) -> Option<Vec<u8>> {
    let mut content = unhex(token)?;
    let signature = content.split_off(content.len().checked_sub(64)?).try_into().ok()?;
    let seal = Seal { digest: digest(purpose, &content), signature };
    key.public().made(&seal).then_some(content)
}

/// The next bytes of a token.
fn part<const N: usize>(content: &mut &[u8]) -> Option<[u8; N]> {
    let (part, rest) = content.split_first_chunk::<N>()?;
    *content = rest;
    Some(*part)
}

impl Begun {
    fn to_token(&self, key: &Key, asking: Asking) -> String {
        let account = self.account.map(|account| *account.bytes()).unwrap_or_default();
        let fixed = [&[asking as u8, u8::from(self.account.is_some())][..], &account, &self.challenge];
        let content = [&fixed.concat(), &self.until.to_be_bytes()[..], &self.state].concat();
        sealed(key, Purpose::Asked, &content)
    }

    fn of_token(key: &Key, asking: Asking, token: &str, now: u64) -> Option<Self> {
        let content = opened(key, Purpose::Asked, token)?;
        let mut rest = &content[..];
        let [kind, known] = part::<2>(&mut rest)?;
        let account = PersonId::from_bytes(part(&mut rest)?);
        let (challenge, until) = (part(&mut rest)?, u64::from_be_bytes(part(&mut rest)?));
        // Neither late nor of a clock that was ahead.
        let in_time = (now..=now + SECONDS).contains(&until);
        let begun = Self { challenge, account: (known == 1).then_some(account), state: rest.to_vec(), until };
        (kind == asking as u8 && in_time).then_some(begun)
    }
}

/// The mark of a browser.
pub(super) struct Mark {
    /// The person who signed in there.
    pub(super) person: PersonId,
    /// When, in milliseconds since 1970.
    pub(super) at: u64,
    pub(super) browser: [u8; 8],
}

impl Mark {
    fn of_token(key: &Key, token: &str) -> Option<Self> {
        let content = opened(key, Purpose::Known, token)?;
        let mut rest = &content[..];
        let (person, at) = (part::<16>(&mut rest)?, u64::from_be_bytes(part(&mut rest)?));
        Some(Self { person: PersonId::from_bytes(person), at, browser: part(&mut rest)? })
    }
}

impl Identity {
    /// The token with which a ceremony of a challenge is gone on with.
    pub(super) fn begin(
        &self,
        asking: Asking,
        challenge: [u8; 16],
        state: Vec<u8>,
        account: Option<PersonId>,
    ) -> String {
        let until = clock::now_ms() / 1000 + SECONDS;
        Begun { challenge, account, state, until }.to_token(&self.key, asking)
    }

    /// The token that another server signs when it connects.
    #[must_use]
    pub fn begin_link(&self, account: PersonId) -> String {
        self.begin(Asking::Links, clock::random(), Vec::new(), Some(account))
    }

    /// Whether an account was given a token to sign, a moment ago.
    #[must_use]
    pub fn begun_link(&self, account: PersonId, token: &str) -> bool {
        let begun = Begun::of_token(&self.key, Asking::Links, token, clock::now_ms() / 1000);
        begun.is_some_and(|begun| begun.account == Some(account))
    }

    /// The beginning of the ceremony that a challenge belongs to, among the tokens of a request.
    pub(super) fn begun(&self, asking: Asking, challenge: [u8; 16], tokens: &[String]) -> Option<Begun> {
        let now = clock::now_ms() / 1000;
        let opened =
            tokens.iter().take(MOST).filter_map(|token| Begun::of_token(&self.key, asking, token, now));
        opened.into_iter().find(|begun| begun.challenge == challenge)
    }

    /// Notes that a ceremony has come to its good end: it does so once, in whatever process. Only what a
    /// stranger cannot make is noted.
    pub(super) async fn finish(&self, begun: &Begun) -> Result<bool, IdentityError> {
        let until = |seconds: u64| i64::try_from(seconds).unwrap_or(i64::MAX);
        sqlx::query("delete from spent where until < $1")
            .bind(clock::now())
            .execute(self.store.writer())
            .await?;
        let noted =
            sqlx::query("insert into spent (challenge, until) values ($1, $2) on conflict do nothing")
                .bind(begun.challenge.to_vec())
                .bind(until(begun.until))
                .execute(self.store.writer())
                .await?;
        Ok(noted.rows_affected() == 1)
    }

    /// The marks of a browser in which a person has signed in now, beside those of others who did. It stays the
    /// same browser, with what it has spent.
    ///
    /// # Errors
    /// [`IdentityError::Store`] when the database fails.
    pub async fn mark(&self, account: &Account, before: &str) -> Result<String, IdentityError> {
        // Also where the clock was set back, or stands in the millisecond in which all marks were ended.
        let at = clock::now_ms().max(self.known_since(account.id).await?.unwrap_or_default());
        let known = before.split('.').take(KNOWN_PEOPLE).find_map(|mark| {
            let mark = Mark::of_token(&self.key, mark)?;
            (mark.person == account.id).then_some(mark.browser)
        });
        let id = known.unwrap_or_else(clock::random::<8>);
        let content = [account.id.bytes(), &at.to_be_bytes()[..], &id].concat();
        let own = hex(account.id.bytes());
        let others = before.split('.').filter(|mark| !mark.is_empty() && !mark.starts_with(&own));
        let mut marks = vec![sealed(&self.key, Purpose::Known, &content)];
        marks.extend(others.take(KNOWN_PEOPLE - 1).map(str::to_owned));
        Ok(marks.join("."))
    }

    /// The browser in which a person signed in before, by its marks; not one that was marked before a moment
    /// in milliseconds since 1970.
    pub(super) fn known_browser(&self, person: PersonId, since: u64, marks: &str) -> Option<Payer> {
        let mark = self.marks_of(marks).find(|mark| mark.person == person && mark.at >= since)?;
        Some(Payer::Browser(hex(&mark.browser)))
    }

    /// The marks of a browser that are ours and not too old.
    pub(super) fn marks_of(&self, marks: &str) -> impl Iterator<Item = Mark> {
        let now = clock::now_ms();
        let ours = marks.split('.').take(KNOWN_PEOPLE).filter_map(|mark| Mark::of_token(&self.key, mark));
        ours.filter(move |mark| now.saturating_sub(mark.at) < KNOWN_FOR)
    }
}

#[cfg(test)]
mod tests {
    use super::{Asking, Begun, SECONDS};
    use tongban_shared::document::{hex, unhex};
    use tongban_shared::id::PersonId;
    use tongban_shared::trust::Key;

    #[test]
    fn a_token_is_what_was_sealed_or_nothing() {
        let key = Key::from_seed(&[7; 32]);
        let account = Some(PersonId::from_bytes([3; 16]));
        let begun = Begun { challenge: [9; 16], account, state: vec![1, 2, 3], until: 1000 };
        let token = begun.to_token(&key, Asking::UsesPasskey);
        let read = |token: &str, asking, now| Begun::of_token(&key, asking, token, now);
        assert_eq!(read(&token, Asking::UsesPasskey, 900), Some(begun.clone()));
        assert_eq!(read(&token, Asking::UsesPasskey, 1001), None, "late");
        assert_eq!(read(&token, Asking::UsesPasskey, 999 - SECONDS), None, "of a clock that was ahead");
        for other in [Asking::MakesPasskey, Asking::GoesToProvider] {
            assert_eq!(read(&token, other, 900), None, "{other:?}");
        }
        let bytes = unhex(&token).expect("base 16");
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert_eq!(read(&hex(&changed), Asking::UsesPasskey, 900), None, "byte {at}");
        }
        assert_eq!(Begun::of_token(&Key::from_seed(&[8; 32]), Asking::UsesPasskey, &token, 900), None);
        for short in ["", "00", "zz", &token[..128]] {
            assert_eq!(read(short, Asking::UsesPasskey, 900), None);
        }
        let nobody = Begun { account: None, state: Vec::new(), ..begun };
        let token = nobody.to_token(&key, Asking::GoesToProvider);
        assert_eq!(read(&token, Asking::GoesToProvider, 900), Some(nobody));
    }
}
