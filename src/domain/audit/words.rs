//! How lines of the audit log read.

use entity::audit_log_entry;
use serde_json::{Map, Value};

use super::Event;

/// An entry in words, without the name of whoever acted: “invited ann@…”.
/// `target_name` names the person who was acted on, if that is still known.
pub fn render(entry: &audit_log_entry::Model, target_name: Option<&str>) -> String {
    let text = |key: &str| entry.data.get(key).and_then(Value::as_str);
    let member = text("email").or(target_name).unwrap_or("unknown");
    let is_self = entry.actor_id.is_some() && entry.actor_id == entry.target_user_id;
    let slug = text("team_slug").unwrap_or("unknown");
    let name = text("slug").unwrap_or("unknown");
    let server = text("server").unwrap_or("unknown");
    let Some(event) = Event::of_number(entry.event) else {
        return "did something".into();
    };
    match event {
        Event::MemberInvite => format!("invited member {member}"),
        Event::MemberAdd if is_self => "joined the organization".into(),
        Event::MemberAdd => format!("added member {member}"),
        Event::MemberAccept => "accepted the membership invite".into(),
        Event::MemberEdit => format!(
            "edited member {member} (role: {}, teams: {})",
            text("role").unwrap_or("N/A"),
            list_of(entry, "team_slugs")
        ),
        Event::MemberRemove if is_self => "left the organization".into(),
        Event::MemberRemove => format!("removed member {member}"),
        Event::MemberJoinTeam if is_self => format!("joined team {slug}"),
        Event::MemberJoinTeam => format!("added {member} to team {slug}"),
        Event::MemberLeaveTeam if is_self => format!("left team {slug}"),
        Event::MemberLeaveTeam => format!("removed {member} from team {slug}"),
        Event::MemberPending => format!("required member {member} to meet the organization's sign-in requirements"),
        Event::OrgAdd => "created the organization".into(),
        Event::OrgEdit => {
            let changes = entry.data.as_object().map(pairs).unwrap_or_default();
            format!("edited the organization setting: {changes}")
        }
        Event::OrgRemove => "removed the organization".into(),
        Event::OrgRestore => "restored the organization".into(),
        Event::TeamAdd => format!("created team {name}"),
        Event::TeamEdit => format!("edited team {name}"),
        Event::TeamRemove => format!("removed team {name}"),
        // What an outsider asked for has no more than the address.
        Event::InviteRequestAdd if text("role").is_none() => format!("asked to let {member} join"),
        Event::InviteRequestAdd => format!("requested to invite {member}"),
        Event::InviteRequestRemove => format!("rejected the invite request for {member}"),
        Event::InviteRemove => format!("withdrew the invite for {member}"),
        Event::MemberReinvite => format!("invited member {member} again"),
        Event::WebhookAdd => format!("created a webhook to {server}"),
        Event::WebhookEdit => format!("edited the webhook to {server}"),
        Event::WebhookRemove => format!("removed the webhook to {server}"),
        Event::WebhookRotate => format!("made a new secret for the webhook to {server}"),
        Event::WebhookDisable if text("reason") == Some("gone") => {
            format!("disabled the webhook to {server}, which is gone")
        }
        Event::WebhookDisable => format!("disabled the webhook to {server}, which has failed for days"),
    }
}

fn pairs(data: &Map<String, Value>) -> String {
    let pairs: Vec<_> = data
        .iter()
        .map(|(key, value)| format!("{key} {}", value.as_str().unwrap_or_default()))
        .collect();
    pairs.join(", ")
}

fn list_of(entry: &audit_log_entry::Model, key: &str) -> String {
    let items: Vec<_> = entry
        .data
        .get(key)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    items.join(", ")
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use entity::ids::{OrganizationId, UserId};
    use serde_json::json;
    use strum::IntoEnumIterator;

    use super::*;

    /// How an entry of Ann's about `target` reads.
    fn message(event: i32, target: Option<UserId>, data: Value) -> String {
        let entry = audit_log_entry::Model {
            id: 1.into(),
            organization_id: OrganizationId(1),
            actor_id: Some(UserId(1)),
            actor_key_id: None,
            actor_label: "Ann".into(),
            target_object_id: Some(1),
            target_user_id: target,
            event,
            ip: None,
            data,
            datetime: DateTime::UNIX_EPOCH,
        };
        render(&entry, target.map(|_| "Bob"))
    }

    #[test]
    fn every_event_reads_well() {
        let bob = || Some(UserId(2));
        let member = || json!({ "email": "bob@example.com", "role": "manager", "team_slugs": ["blue", "red"] });
        let team = || json!({ "slug": "red", "name": "Red" });
        let joined = || json!({ "email": "bob@example.com", "team_slug": "red" });
        let hook = || json!({ "server": "https://example.com", "reason": "gone" });
        let messages = [
            (
                Event::WebhookAdd,
                None,
                hook(),
                "created a webhook to https://example.com",
            ),
            (
                Event::WebhookEdit,
                None,
                hook(),
                "edited the webhook to https://example.com",
            ),
            (
                Event::WebhookRemove,
                None,
                hook(),
                "removed the webhook to https://example.com",
            ),
            (
                Event::WebhookRotate,
                None,
                hook(),
                "made a new secret for the webhook to https://example.com",
            ),
            (
                Event::WebhookDisable,
                None,
                hook(),
                "disabled the webhook to https://example.com, which is gone",
            ),
            (Event::MemberInvite, None, member(), "invited member bob@example.com"),
            (Event::MemberAdd, None, member(), "added member bob@example.com"),
            (
                Event::MemberAccept,
                Some(UserId(1)),
                member(),
                "accepted the membership invite",
            ),
            (
                Event::MemberEdit,
                bob(),
                member(),
                "edited member bob@example.com (role: manager, teams: blue, red)",
            ),
            (Event::MemberRemove, bob(), member(), "removed member bob@example.com"),
            (
                Event::MemberJoinTeam,
                bob(),
                joined(),
                "added bob@example.com to team red",
            ),
            (
                Event::MemberLeaveTeam,
                bob(),
                joined(),
                "removed bob@example.com from team red",
            ),
            (
                Event::MemberPending,
                bob(),
                member(),
                "required member bob@example.com to meet the organization's sign-in requirements",
            ),
            (
                Event::OrgAdd,
                None,
                json!({ "slug": "acme" }),
                "created the organization",
            ),
            (
                Event::OrgEdit,
                None,
                json!({ "name": "from Acme to Apex", "require_2fa": "to true" }),
                "edited the organization setting: name from Acme to Apex, require_2fa to true",
            ),
            (
                Event::OrgRemove,
                None,
                json!({ "slug": "acme" }),
                "removed the organization",
            ),
            (
                Event::OrgRestore,
                None,
                json!({ "slug": "acme" }),
                "restored the organization",
            ),
            (Event::TeamAdd, None, team(), "created team red"),
            (Event::TeamEdit, None, team(), "edited team red"),
            (Event::TeamRemove, None, team(), "removed team red"),
            (
                Event::InviteRequestAdd,
                None,
                member(),
                "requested to invite bob@example.com",
            ),
            (
                Event::InviteRequestRemove,
                None,
                member(),
                "rejected the invite request for bob@example.com",
            ),
            (
                Event::InviteRemove,
                None,
                member(),
                "withdrew the invite for bob@example.com",
            ),
            (
                Event::MemberReinvite,
                None,
                member(),
                "invited member bob@example.com again",
            ),
        ];
        for event in Event::iter() {
            let (_, target, data, wanted) = messages.iter().find(|(known, ..)| *known == event).expect("a message");
            assert_eq!(message(event as i32, *target, data.clone()), *wanted);
            // What an outsider asks for has no role yet.
            let asked = message(
                Event::InviteRequestAdd as i32,
                None,
                json!({ "email": "zoe@example.com" }),
            );
            assert_eq!(asked, "asked to let zoe@example.com join");
        }
    }

    #[test]
    fn what_people_do_to_themselves_reads_so() {
        let ann = || Some(UserId(1));
        let data = || json!({ "email": "ann@example.com", "team_slug": "red" });
        for (event, wanted) in [
            (Event::MemberAdd, "joined the organization"),
            (Event::MemberRemove, "left the organization"),
            (Event::MemberJoinTeam, "joined team red"),
            (Event::MemberLeaveTeam, "left team red"),
        ] {
            assert_eq!(message(event as i32, ann(), data()), wanted);
        }
    }

    #[test]
    fn a_member_is_named_by_address_else_by_name_else_not() {
        let removed = |target, data| message(Event::MemberRemove as i32, target, data);
        assert_eq!(
            removed(Some(UserId(2)), json!({ "email": "b@c.de" })),
            "removed member b@c.de"
        );
        assert_eq!(removed(Some(UserId(2)), json!({ "email": null })), "removed member Bob");
        assert_eq!(removed(None, json!({})), "removed member unknown");
        assert_eq!(message(9_999, None, json!({})), "did something");
    }
}
