//! The flags of a member (spec §2.4), which no ordinary operation sets.

use std::sync::Arc;

use entity::{ids::MemberId, member, member::flag};
use sea_orm::{ActiveModelTrait, ActiveValue::Set, IntoActiveModel};
use serde_json::{Map, Value};

use super::{Held, Lock, data_of, missing};
use crate::{
    access::Gates,
    app::App,
    auth::Actor,
    domain::audit::{self, Entry, Event},
    error::{Code, Result},
    outbox::{self, Change},
    roles::Scope,
};

/// What the audit log calls the flags.
const NAMES: [(i64, &str); 6] = [
    (flag::SSO_LINKED, "sso:linked"),
    (flag::SSO_INVALID, "sso:invalid"),
    (flag::MEMBER_LIMIT_RESTRICTED, "member-limit:restricted"),
    (flag::IDP_PROVISIONED, "idp:provisioned"),
    (flag::IDP_ROLE_RESTRICTED, "idp:role-restricted"),
    (flag::PARTNERSHIP_RESTRICTED, "partnership:restricted"),
];

/// Sets and clears flags of a member, joined or pending: those in `wanted`, and
/// no others.
///
/// # Errors
/// The gates, `MEMBER_NOT_FOUND`; `FORBIDDEN` to whoever is no superuser there.
pub async fn set_flags(app: &App, actor: &Arc<Actor>, id: MemberId, wanted: &[(i64, bool)]) -> Result<member::Model> {
    let Held { tx, access, row, .. } = Held::take(app, actor, id, Gates::CHANGE, Lock::Row, missing()).await?;
    access.require(&[Scope::MemberAdmin])?;
    if !access.is_superuser() {
        return Err(Code::Forbidden.into());
    }
    if row.invite_status != member::InviteStatus::Approved {
        return Err(missing().into());
    }
    let flags = wanted.iter().fold(row.flags, |flags, (flag, is_set)| match is_set {
        true => flags | flag,
        false => flags & !flag,
    });
    if flags == row.flags {
        return Ok(row);
    }
    let changed = row.flags ^ flags;
    let mut change = row.into_active_model();
    change.flags = Set(flags);
    let row = change.update(&*tx).await?;

    let told = NAMES.iter().filter(|(flag, _)| changed & flag != 0);
    let told: Map<_, _> = told
        .map(|(flag, name)| ((*name).to_owned(), Value::Bool(row.has(*flag))))
        .collect();
    let mut data = data_of(&tx, &row).await?;
    data["flags"] = told.into();
    audit::record(
        &tx,
        actor,
        row.organization_id,
        [Entry::member(Event::MemberEdit, &row, data)],
    )
    .await?;
    outbox::record(&tx, [Change::member(row.organization_id, row.id)]).await?;
    tx.commit().await?;
    Ok(row)
}
