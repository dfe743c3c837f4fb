//! What must hold in the database whatever has happened (§2, §3, §20).

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};

/// Each rule, and what breaks it.
const RULES: &[(&str, &str)] = &[
    (
        "an active organization has an active owner",
        "SELECT id FROM organization o WHERE status = 0 AND NOT EXISTS (SELECT FROM member
            WHERE organization_id = o.id AND role = 'owner' AND user_id IS NOT NULL AND user_is_active)",
    ),
    (
        "nobody is without a role, and every role is known",
        "SELECT id FROM member WHERE role NOT IN ('member', 'admin', 'manager', 'owner')",
    ),
    (
        "a row has a person or an address, never both",
        "SELECT id FROM member WHERE (user_id IS NULL) <> (email IS NOT NULL) OR (email IS NULL) <> (email_key IS NULL)",
    ),
    (
        "a person is a member once",
        "SELECT min(id) FROM member WHERE user_id IS NOT NULL GROUP BY organization_id, user_id HAVING count(*) > 1",
    ),
    (
        "an address is invited once, in any case of letters",
        "SELECT min(id) FROM member WHERE user_id IS NULL
            GROUP BY organization_id, lower(email) HAVING count(*) > 1",
    ),
    (
        "an address is known by its lower case",
        "SELECT id FROM member WHERE email_key <> lower(email)",
    ),
    (
        "a link is good for nobody who has joined",
        "SELECT id FROM member WHERE user_id IS NOT NULL AND (invite_nonce IS NOT NULL OR token_expires_at IS NOT NULL)",
    ),
    (
        "what is known of a person stands in their memberships",
        "SELECT m.id FROM member m JOIN \"user\" u ON u.id = m.user_id WHERE m.user_is_active <> u.is_active",
    ),
    (
        "members are in active teams of their organization",
        "SELECT p.id FROM team_member p JOIN member m ON m.id = p.member_id JOIN team t ON t.id = p.team_id
            WHERE m.organization_id <> t.organization_id OR t.status <> 0",
    ),
    (
        "a member is in a team once",
        "SELECT min(id) FROM team_member GROUP BY team_id, member_id HAVING count(*) > 1",
    ),
    (
        "a slug names one team",
        "SELECT min(id) FROM team GROUP BY organization_id, slug HAVING count(*) > 1",
    ),
    (
        "events are numbered without gaps up to the head of their log",
        "SELECT h.organization_id FROM event_head h LEFT JOIN event e ON e.organization_id = h.organization_id
            GROUP BY h.organization_id
            HAVING count(e.sequence) <> h.sequence - h.forgotten OR coalesce(max(e.sequence), 0) <> h.sequence
                OR coalesce(min(e.sequence), 1) <> h.forgotten + 1",
    ),
    (
        "every event is in a log that has a head",
        "SELECT sequence FROM event e WHERE NOT EXISTS (SELECT FROM event_head WHERE organization_id = e.organization_id)",
    ),
    ("all changes are delivered", "SELECT id FROM outbox"),
    (
        "all events are published",
        "SELECT organization_id FROM event_head WHERE published <> sequence",
    ),
    ("no work was given up", "SELECT id FROM job WHERE status = 2"),
];

/// Panics with every rule that is broken, and by which rows.
pub async fn check(db: &DatabaseConnection) {
    let mut broken = Vec::new();
    for (rule, query) in RULES {
        let rows = db
            .query_all_raw(Statement::from_string(DbBackend::Postgres, *query))
            .await;
        let rows: Vec<i64> = rows
            .unwrap()
            .iter()
            .map(|row| row.try_get_by_index(0).unwrap())
            .collect();
        if !rows.is_empty() {
            broken.push(format!("{rule}: {rows:?}"));
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}
