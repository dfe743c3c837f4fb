//! Tokens and links of invites (spec §2.3.1).

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta, Utc};
use entity::{ids::MemberId, member};
use hmac::{Hmac, Mac};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::{access::Access, app::App, db::Write, error::Result};

fn mac(secret: &SecretString, member: MemberId, nonce: &[u8]) -> [u8; 32] {
    // HMAC takes keys of any length, so this cannot fail; a wrong fallback
    // would only make tokens that nobody accepts.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.expose_secret().as_bytes()) else {
        return rand::random();
    };
    mac.update(b"invite");
    mac.update(&member.0.to_be_bytes());
    mac.update(nonce);
    mac.finalize().into_bytes().into()
}

fn base36(mut number: i64) -> String {
    let mut digits = Vec::new();
    while number > 0 {
        digits.push(b"0123456789abcdefghijklmnopqrstuvwxyz"[(number % 36) as usize]);
        number /= 36;
    }
    digits.iter().rev().map(|digit| char::from(*digit)).collect()
}

/// The token of an open invite; `None` for a row that has none.
fn token_of(secrets: &[SecretString], row: &member::Model) -> Option<String> {
    let (secret, nonce) = (secrets.first()?, row.invite_nonce.as_deref()?);
    Some(format!(
        "{}.{}",
        base36(row.id.0),
        URL_SAFE_NO_PAD.encode(mac(secret, row.id, nonce))
    ))
}

/// The row and the proof that a token carries; `None` if it is no token.
pub(super) fn parse_token(token: &str) -> Option<(MemberId, [u8; 32])> {
    if token.len() > 80 {
        return None;
    }
    let (id, proof) = token.split_once('.')?;
    let number = i64::from_str_radix(id, 36)
        .ok()
        .filter(|number| *number > 0 && base36(*number) == id)?;
    Some((MemberId(number), URL_SAFE_NO_PAD.decode(proof).ok()?.try_into().ok()?))
}

/// Whether `proof` is the row's. A missing row costs the same work as a wrong
/// proof.
pub(super) fn is_proven(secrets: &[SecretString], row: Option<&member::Model>, id: MemberId, proof: &[u8; 32]) -> bool {
    let nonce = row
        .filter(|row| row.is_invite())
        .and_then(|row| row.invite_nonce.as_deref());
    // Without a nonce the comparison is made all the same, and then not believed.
    let is_equal = secrets.iter().fold(subtle::Choice::from(0), |any, secret| {
        any | mac(secret, id, nonce.unwrap_or(&[0; 16])).ct_eq(proof)
    });
    bool::from(is_equal) && nonce.is_some()
}

/// The link of an open invite.
pub fn accept_url(app: &App, row: &member::Model, referrer: Option<&str>) -> Option<String> {
    let link = format!(
        "{}/invite/{}",
        app.config.public_url(),
        token_of(&app.config.invites.secret, row)?
    );
    Some(match referrer.filter(|referrer| !referrer.is_empty()) {
        None => link,
        Some(referrer) => {
            let query: String = url::form_urlencoded::byte_serialize(referrer.as_bytes()).collect();
            format!("{link}?referrer={query}")
        }
    })
}

/// The link, if the actor could give the invite's role anyway (§8.4).
pub fn accept_url_for(app: &App, access: &Access, row: &member::Model, referrer: Option<&str>) -> Option<String> {
    if access.may_assign(app.roles.stored(&row.role)) {
        accept_url(app, row, referrer)
    } else {
        None
    }
}

/// Gives a pending row a token, or a new one, which ends the old link.
pub(in crate::domain) fn renew(app: &App, now: DateTime<Utc>) -> (Vec<u8>, DateTime<Utc>) {
    let lifetime = TimeDelta::from_std(app.config.invites.lifetime).unwrap_or(TimeDelta::days(30));
    (rand::random::<[u8; 16]>().to_vec(), now + lifetime)
}

/// §2.3 *regenerate*: a new token with a whole lifetime before it.
pub async fn regenerate(tx: &Write, app: &App, row: member::Model, now: DateTime<Utc>) -> Result<member::Model> {
    let (nonce, expires_at) = renew(app, now);
    let mut change = row.into_active_model();
    change.invite_nonce = Set(Some(nonce));
    change.token_expires_at = Set(Some(expires_at));
    Ok(change.update(&**tx).await?)
}

#[cfg(test)]
mod tests {
    use entity::ids::OrganizationId;

    use super::*;
    use crate::roles::MEMBER;

    fn row(id: i64) -> member::Model {
        member::Model {
            id: MemberId(id),
            organization_id: OrganizationId(1),
            user_id: None,
            email: Some("a@b.c".into()),
            email_key: Some("a@b.c".into()),
            role: MEMBER.into(),
            flags: 0,
            invite_nonce: Some(vec![7; 16]),
            token_expires_at: None,
            date_added: DateTime::UNIX_EPOCH,
            has_global_access: true,
            inviter_id: None,
            invite_status: member::InviteStatus::Approved,
            user_is_active: true,
            user_email: None,
            sort_name: String::new(),
            user_has_two_factor: false,
        }
    }

    #[test]
    fn a_token_proves_its_own_row_only() {
        let (old, new) = (SecretString::from("old secret"), SecretString::from("new secret"));
        let token = token_of(std::slice::from_ref(&old), &row(35 * 36 + 1)).unwrap();
        assert!(token.starts_with("z1."));
        let (id, proof) = parse_token(&token).unwrap();
        assert_eq!(id, MemberId(35 * 36 + 1));

        let proven = |secrets: &[SecretString], row: &member::Model| is_proven(secrets, Some(row), row.id, &proof);
        assert!(proven(std::slice::from_ref(&old), &row(id.0)));
        assert!(
            proven(&[new.clone(), old.clone()], &row(id.0)),
            "an old secret still verifies"
        );
        assert!(!proven(std::slice::from_ref(&new), &row(id.0)));
        assert!(!proven(std::slice::from_ref(&old), &row(id.0 + 1)));
        assert!(!proven(
            std::slice::from_ref(&old),
            &member::Model {
                invite_nonce: None,
                ..row(id.0)
            }
        ));
        assert!(!proven(
            std::slice::from_ref(&old),
            &member::Model {
                invite_nonce: Some(vec![8; 16]),
                ..row(id.0)
            }
        ));
        let request = member::Model {
            invite_status: member::InviteStatus::RequestedToJoin,
            ..row(id.0)
        };
        assert!(!proven(std::slice::from_ref(&old), &request));
        assert!(!is_proven(&[old], None, id, &proof));
    }

    #[test]
    fn what_is_no_token_is_refused() {
        let proof = URL_SAFE_NO_PAD.encode([0; 32]);
        let good = format!("1.{proof}");
        assert!(parse_token(&good).is_some());
        for bad in [
            "",
            ".",
            "1",
            "1.",
            &proof,
            &format!("0.{proof}"),
            &format!("-1.{proof}"),
            &format!("+1.{proof}"),
            &format!("01.{proof}"),
            &format!("Z.{proof}"),
            &format!("{good}="),
            &format!("{good}a"),
            &format!("zzzzzzzzzzzzzzzz.{proof}"),
            &"1.".repeat(10_000),
        ] {
            assert!(parse_token(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn fuzz_tokens() {
        let secrets = [SecretString::from("a secret of this server")];
        let good = token_of(&secrets, &row(42)).unwrap();
        bolero::check!()
            .with_type::<(Vec<(u16, u8)>, Vec<u8>)>()
            .for_each(|(changes, more)| {
                let bytes = [crate::fuzz::changed(good.as_bytes(), changes), more.clone()].concat();
                let text = String::from_utf8_lossy(&bytes);
                for text in [text.as_ref(), String::from_utf8_lossy(more).as_ref()] {
                    let Some((id, proof)) = parse_token(text) else { continue };
                    let again = format!("{}.{}", base36(id.0), URL_SAFE_NO_PAD.encode(proof));
                    assert_eq!(text, again, "two texts are one token");
                    let row = row(id.0);
                    assert_eq!(
                        is_proven(&secrets, Some(&row), id, &proof),
                        Some(again) == token_of(&secrets, &row)
                    );
                }
            });
    }
}
