//! Guesses at a password or a code: each is put down to who makes it. A network, a login as one network tries
//! it, and a login altogether have so many; a browser in which its owner signed in before has its own, so
//! that nobody keeps the owner out of it.

use super::hashing::Asks;
use super::{Account, Identity, IdentityError, logins, secret_hash};
use crate::limits;
use crate::shares::{Held, Lease, Payer, Spent};
use std::time::Duration;
use tongban_shared::document::hex;
use tongban_shared::id::PersonId;

/// The network from which somebody asks, and the region of networks of one who can have many.
pub(crate) fn places(from: &str) -> Vec<Payer> {
    let mut places = vec![Payer::Network(from.to_owned())];
    if let Some(six) = from.strip_suffix("::/64") {
        let region: Vec<&str> = six.split(':').take(3).collect();
        places.push(Payer::Region(region.join(":")));
    }
    places
}

/// The payers of one attempt to sign in.
pub(super) struct Guess {
    /// For these it is forgotten that they had guesses at all, when this one is right: of them none other is
    /// under way, for they have one turn.
    own: Payer,
    /// For these only this one is taken back: others may be guessing there, or at this.
    common: Vec<Payer>,
    /// Those who have a turn before a password is looked at: the account or the login, then the places.
    turns: Vec<Payer>,
}

/// The turns of a guess: that of its own lasts until all is decided, those of its places for as long as the
/// password is looked at.
pub(super) struct Turns {
    pub(super) own: Lease,
    pub(super) places: Vec<Lease>,
}

impl Guess {
    /// Somebody in a browser in which the person signed in before: nobody else at that place holds them up.
    pub(super) fn known(browser: Payer, person: PersonId) -> Self {
        Self { own: browser, common: Vec::new(), turns: vec![Payer::Account(person)] }
    }

    /// Somebody else, who tries a login, however it is written; it is no longer than a login.
    pub(super) fn of_login(login: &str, from: &str) -> Self {
        let login = logins::folded(login);
        let (mut common, own) = (places(from), Payer::LoginAt(login.clone(), from.to_owned()));
        let turns = std::iter::once(own.clone()).chain(common.clone()).collect();
        common.push(Payer::Login(login));
        Self { own, common, turns }
    }

    fn payers(&self) -> Vec<Payer> {
        std::iter::once(&self.own).chain(&self.common).cloned().collect()
    }

    fn codes(&self) -> Spent {
        if matches!(self.own, Payer::Browser(_)) { Spent::KnownCodes } else { Spent::Codes }
    }
}

impl Identity {
    /// The payers of what somebody sends, or begins, who is not signed in: a browser in which a person signed in
    /// before has a count of its own, which nobody else at that place uses up.
    pub(crate) async fn beginners(&self, (from, marks): (&str, &str)) -> Result<Vec<Payer>, IdentityError> {
        for mark in self.marks_of(marks) {
            let since = self.known_since(mark.person).await?;
            if since.is_some_and(|since| mark.at >= since) {
                return Ok(vec![Payer::Browser(hex(&mark.browser))]);
            }
        }
        Ok(places(from))
    }

    /// How well somebody is known who guesses.
    pub(super) fn asks(&self, guess: &Guess) -> Asks {
        match &guess.own {
            Payer::LoginAt(_, from) if self.networks.knows(from) => Asks::Near,
            Payer::LoginAt(..) => Asks::Stranger,
            _ => Asks::Known,
        }
    }

    /// Waits for the turns of a guess: whoever floods sign-in holds up themselves and their network. Nobody waits
    /// who has had their share.
    pub(super) async fn turns(&self, guess: &Guess) -> Result<Turns, IdentityError> {
        self.shares.have_left(&guess.payers(), Spent::Guesses)?;
        let waits = async {
            let mut turns = Vec::new();
            for payer in &guess.turns {
                turns.push(self.turn_of(payer, limits::HASHING).await?);
            }
            let own = turns.remove(0);
            Ok(Turns { own, places: turns })
        };
        tokio::time::timeout(limits::HASHING, waits).await.unwrap_or(Err(IdentityError::Busy))
    }

    /// Waits for the turn of one payer.
    pub(super) async fn turn_of(&self, payer: &Payer, time: Duration) -> Result<Lease, IdentityError> {
        let turn = self.shares.hold_in_time(payer, Held::Hashings, 1, time).await;
        turn.map_err(|_| IdentityError::Busy)
    }

    /// Counts a guess before it is looked at: those at the same moment count as well.
    pub(super) fn count(&self, guess: &Guess) -> Result<(), IdentityError> {
        Ok(self.shares.spend(&guess.payers(), Spent::Guesses)?)
    }

    /// Nobody has looked at a guess: it was none, of anybody.
    pub(super) fn is_unjudged(&self, guess: &Guess) {
        self.is_half_right(guess);
        self.shares.unspend(std::slice::from_ref(&guess.own), Spent::Guesses);
    }

    /// Counts a sign-in that is right: whoever knows a password fills neither the store nor the trail.
    pub(super) fn count_sign_in(&self, account: PersonId) -> Result<(), IdentityError> {
        Ok(self.shares.spend(&[Payer::Account(account)], Spent::SignIns)?)
    }

    /// The person is known by something new: those who used what was before have had their sign-ins.
    pub(super) fn begins_anew(&self, account: PersonId) {
        for what in [Spent::SignIns, Spent::Confirmations] {
            self.shares.forget(&[Payer::Account(account)], what);
        }
    }

    /// The same when somebody else has vouched for them, by a link: they may change the password again.
    pub(super) fn is_vouched_for(&self, account: PersonId) {
        self.begins_anew(account);
        self.shares.forget(&[Payer::Account(account)], Spent::Passwords);
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

    /// Counts a guess at the code of a person: there are a million codes, and any number of networks. Browsers
    /// that are known have a count of their own, which others do not use up: there may be any number of them as
    /// well, of whoever knew the password.
    pub(super) fn count_code(&self, account: &Account, guess: &Guess) -> Result<(), IdentityError> {
        Ok(self.shares.spend(&[Payer::Account(account.id)], guess.codes())?)
    }

    pub(super) fn code_is_right(&self, account: &Account, guess: &Guess) {
        self.shares.unspend(&[Payer::Account(account.id)], guess.codes());
    }

    /// Somebody who is signed in says the password again, before what they are known by changes. Wrong ones
    /// are put down to the session in which they are said, right ones to the account.
    ///
    /// # Errors
    /// [`IdentityError::WrongPassword`] or [`IdentityError::TooManyAttempts`].
    pub async fn confirm(&self, account: &Account, said: (&str, &str)) -> Result<(), IdentityError> {
        self.counted(account, Spent::Confirmations, self.says_again(account, said)).await
    }

    /// Counts an act of an account for which a password is hashed, before that and unless it fails.
    pub(super) async fn counted(
        &self,
        account: &Account,
        what: Spent,
        act: impl Future<Output = Result<(), IdentityError>>,
    ) -> Result<(), IdentityError> {
        let payer = [Payer::Account(account.id)];
        self.shares.spend(&payer, what)?;
        let done = act.await;
        if done.is_err() {
            self.shares.unspend(&payer, what);
        }
        done
    }

    pub(super) async fn says_again(
        &self,
        account: &Account,
        (secret, password): (&str, &str),
    ) -> Result<(), IdentityError> {
        let session = Payer::Session(secret_hash(secret));
        // Somebody who knows the password elsewhere does not keep the owner from changing it here.
        let turn = self.turn_of(&session, limits::HASHING).await?;
        // Nor does an account of many sessions make others wait for their sign-in.
        let of_account = self.turn_of(&Payer::Account(account.id), limits::HASHING).await?;
        let session = [session];
        self.shares.spend(&session, Spent::Guesses)?;
        let looked_at = self.is_password(account, password).await;
        drop((turn, of_account));
        if looked_at.is_err() {
            self.shares.unspend(&session, Spent::Guesses);
        }
        if !looked_at? {
            return Err(IdentityError::WrongPassword);
        }
        self.shares.forget(&session, Spent::Guesses);
        Ok(())
    }

    async fn is_password(&self, account: &Account, password: &str) -> Result<bool, IdentityError> {
        let row = sqlx::query("select password from account where id = $1")
            .bind(account.id.bytes().to_vec())
            .fetch_one(self.store.reader())
            .await?;
        self.verify(password, sqlx::Row::get(&row, "password"), (Asks::Known, Vec::new())).await
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
