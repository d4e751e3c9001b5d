//! Guesses at a password or a code: each is put down to who makes it. A network, a login as one network tries
//! it, and a login altogether have so many; a browser in which its owner signed in before has its own, so
//! that nobody keeps the owner out of it.

use super::{Account, Identity, IdentityError, logins, secret_hash};
use crate::shares::{Payer, Spent};

/// The network from which somebody asks, and the region of networks of one who can have many.
pub(super) fn places(from: &str) -> Vec<Payer> {
    let mut places = vec![Payer::Network(from.to_owned())];
    if let Some(six) = from.strip_suffix("::/64") {
        let region: Vec<&str> = six.split(':').take(3).collect();
        places.push(Payer::Region(region.join(":")));
    }
    places
}

/// The payers of one attempt to sign in.
pub(super) struct Guess {
    /// For these it is forgotten that they had guesses at all, when this one is right.
    own: Payer,
    /// For these only this one is taken back: others may be guessing there, or at this.
    common: Vec<Payer>,
}

impl Guess {
    /// Somebody in a browser in which the person signed in before.
    pub(super) const fn known(browser: Payer) -> Self {
        Self { own: browser, common: Vec::new() }
    }

    /// Somebody else, who tries a login, however it is written; it is no longer than a login.
    pub(super) fn of_login(login: &str, from: &str) -> Self {
        let login = logins::folded(login);
        let mut common = places(from);
        common.push(Payer::Login(login.clone()));
        Self { own: Payer::LoginAt(login, from.to_owned()), common }
    }

    pub(super) fn is_known(&self) -> bool {
        matches!(self.own, Payer::Browser(_))
    }
}

impl Identity {
    /// Counts a guess before it is looked at: those at the same moment count as well.
    pub(super) fn count(&self, guess: &Guess) -> Result<(), IdentityError> {
        let all: Vec<Payer> = std::iter::once(&guess.own).chain(&guess.common).cloned().collect();
        Ok(self.shares.spend(&all, Spent::Guesses)?)
    }

    /// The first half of signing in was right: no failure of whoever else is at that place, or tries that
    /// login. It stays counted for who made it.
    pub(super) fn is_half_right(&self, guess: &Guess) {
        self.shares.unspend(&guess.common, Spent::Guesses);
    }

    pub(super) fn is_right(&self, guess: &Guess) {
        self.is_half_right(guess);
        self.shares.forget(std::slice::from_ref(&guess.own), Spent::Guesses);
    }

    /// Counts a guess at the code of a person from a browser that is not known: there are a million codes,
    /// and any number of networks.
    pub(super) fn count_code(&self, account: &Account, guess: &Guess) -> Result<(), IdentityError> {
        if guess.is_known() {
            return Ok(());
        }
        Ok(self.shares.spend(&[Payer::Account(account.id)], Spent::Codes)?)
    }

    pub(super) fn code_is_right(&self, account: &Account, guess: &Guess) {
        if !guess.is_known() {
            self.shares.unspend(&[Payer::Account(account.id)], Spent::Codes);
        }
    }

    /// Somebody who is signed in says the password again, before what they are known by changes. Wrong ones
    /// are put down to the session in which they are said.
    ///
    /// # Errors
    /// [`IdentityError::WrongPassword`] or [`IdentityError::TooManyAttempts`].
    pub async fn confirm(
        &self,
        account: &Account,
        (secret, password): (&str, &str),
    ) -> Result<(), IdentityError> {
        let session = [Payer::Session(secret_hash(secret))];
        self.shares.spend(&session, Spent::Guesses)?;
        let row = sqlx::query("select password from account where id = $1")
            .bind(account.id.bytes().to_vec())
            .fetch_one(self.store.reader())
            .await?;
        if !self.verify(password, sqlx::Row::get(&row, "password")).await? {
            return Err(IdentityError::WrongPassword);
        }
        self.shares.forget(&session, Spent::Guesses);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::places;
    use crate::shares::Payer;

    #[test]
    fn a_client_of_version_six_has_a_region_of_networks() {
        let four = Payer::Network("203.0.113.9".to_owned());
        assert_eq!(places("203.0.113.9"), [four]);
        let six = Payer::Network("2001:db8:1:2::/64".to_owned());
        assert_eq!(places("2001:db8:1:2::/64"), [six, Payer::Region("2001:db8:1".to_owned())]);
    }
}
