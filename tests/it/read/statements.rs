//! SQL statements of a request: as many for one row as for a hundred.

use super::*;

/// An organization owned by Ann with `count` of everything: members who are
/// in two teams each (ten in each team at most), invites by Ann, entries.
async fn company(app: &TestApp, ann: &Client, name: &str, count: usize) -> Organization {
    let organization = app.organization_of(ann, name).await;
    let inviter = row::<UserId>(&ann.user_id().await);
    let users = app.db_people(&people(name, count)).await;
    let members = app
        .db_joined(&organization, &users, |at, row| {
            row.role = Set(["owner", "member", "manager", "admin"][at % 4].into());
        })
        .await;
    let named = |at: usize| (format!("team-{at:03}"), format!("Team {at}"));
    let teams = app
        .db_teams(&organization, &(0..count).map(named).collect::<Vec<_>>())
        .await;
    let places = |at: usize| {
        let second = (at + 1) % count;
        let first = (teams[at].id, members[at].id);
        let more = (1..10).map(move |step| (at + step * 3) % count);
        let more = more.map(|other| (teams[at].id, members[other].id));
        let second = (teams[second].id, members[at].id);
        more.chain([first, second]).collect::<Vec<_>>()
    };
    let places: std::collections::BTreeSet<_> = (0..count).flat_map(places).collect();
    app.db_in_teams(&places.into_iter().collect::<Vec<_>>()).await;

    let emails: Vec<String> = (0..count)
        .map(|at| format!("{name}-invite{at}@example.com").to_lowercase())
        .collect();
    let invites = app
        .db_pending(&organization, &emails, |_, row| row.inviter_id = Set(Some(inviter)))
        .await;
    app.db_deliveries(&invites).await;
    let places: Vec<(TeamId, MemberId)> = invites
        .iter()
        .zip(&teams)
        .map(|(invite, team)| (team.id, invite.id))
        .collect();
    app.db_in_teams(&places).await;
    let entries = users.iter().enumerate().map(|(at, user)| {
        let event = [1, 4, 5, 6, 11, 20][at % 6];
        let data = json!({ "email": user.email, "team_slug": "team-000", "role": "member" });
        (event, Some(users[count - 1 - at].id), Some(user.id), data)
    });
    app.db_entries(&organization, entries).await;
    organization
}

/// How many statements `query` takes in an organization with one of each and
/// in one with a hundred: the same number, and at most `most`.
async fn costs_the_same(query: &str, most: u64) {
    let app = TestApp::start().await;
    let ann = app.person("ann").seen().await;
    let mut costs = Vec::new();
    for (name, count) in [("One", 1), ("Two", 2), ("Fifty", 50), ("Hundred", 100)] {
        let organization = company(&app, &ann, name, count).await;
        let reply = ann.send(query, json!({ "slug": organization.slug })).await.ok();
        assert!(
            reply.body.to_string().matches("\"id\"").count() > count,
            "an empty page: {reply:#?}"
        );
        costs.push(reply.statements());
    }
    assert!(
        costs.iter().all(|cost| *cost == costs[0]),
        "{costs:?} statements for 1, 2, 50 and 100 rows: {query}"
    );
    assert!(costs[0] <= most, "{} statements instead of {most}: {query}", costs[0]);
}

#[tokio::test]
async fn a_page_of_members_costs_five_statements() {
    costs_the_same(
        "query($slug: String!) { organization(slug: $slug) { id name members(first: 50) {
            pageInfo { hasNextPage endCursor } nodes {
            id name email isPending createdAt role { id name } user { id name email avatarUrl }
            flags { ssoLinked } teamMemberships { id role { id } effectiveRole { id } team { id slug name } } } } } }",
        5,
    )
    .await;
}

#[tokio::test]
async fn a_page_of_teams_and_who_is_in_them_costs_six_statements() {
    costs_the_same(
        "query($slug: String!) { organization(slug: $slug) { id name teams(first: 20) {
            pageInfo { hasNextPage endCursor } nodes {
            id slug name isIdpProvisioned viewerCanJoin viewerCanUpdate viewerMembership { id }
            memberships(first: 10) { pageInfo { hasNextPage endCursor } nodes {
            id role { id } effectiveRole { id } member { id role { id } user { id name avatarUrl } } } } } } } }",
        6,
    )
    .await;
}

#[tokio::test]
async fn what_may_be_done_with_each_member_costs_no_statement_for_each() {
    costs_the_same(
        "query($slug: String!) { organization(slug: $slug) { id members(first: 100) { totalCount nodes {
            id assignableRoles { id } viewerCanUpdateRoles viewerCanRemove isOnlyOwner hasTwoFactor scopes isViewer
            user { id isEmailVerified hasTwoFactor email } organization { id slug viewerScopes }
            invite { id status viewerCanResend viewerCanRevoke } } } } }",
        9,
    )
    .await;
}

#[tokio::test]
async fn a_page_of_invites_costs_no_statement_for_each() {
    costs_the_same(
        "query($slug: String!) { organization(slug: $slug) { id invites(first: 100) { totalCount nodes {
            id email status role { id } inviter { id name email } teams { id slug viewerCanUpdate }
            delivery { status attempts lastSentAt lastError } member { id name }
            viewerCanResend viewerCanRevoke viewerCanDecide organization { id } } } } }",
        9,
    )
    .await;
}

#[tokio::test]
async fn a_page_of_the_audit_log_costs_no_statement_for_each() {
    costs_the_same(
        "query($slug: String!) { organization(slug: $slug) { id auditLog(first: 100) { totalCount nodes {
            id event actor { id name email } actorLabel targetUser { id name email } targetId message data ipAddress
            createdAt organization { id slug } } } } }",
        6,
    )
    .await;
}

#[tokio::test]
async fn what_a_team_is_to_each_of_its_members_costs_no_statement_for_each() {
    costs_the_same(
        "query($slug: String!) { organization(slug: $slug) { id team(slug: \"team-000\") { id
            organization { id viewerMembership { id } }
            memberships(first: 100) { totalCount nodes { id effectiveRole { id } team { id slug viewerCanUpdate }
            member { id isOnlyOwner teamMemberships { id team { id } } user { id } } } } } } }",
        10,
    )
    .await;
}

#[tokio::test]
async fn ones_organizations_with_their_avatars_cost_no_statement_for_each() {
    let app = TestApp::start().await;
    let mut costs = Vec::new();
    for (name, count) in [("one", 1), ("two", 2), ("fifty", 50), ("hundred", 100)] {
        let person = app.person(name).seen().await;
        let slugs: Vec<_> = (0..count)
            .map(|at| (format!("{name}-{at}"), format!("{name} {at}")))
            .collect();
        app.db_organizations(row(&person.user_id().await), &slugs).await;
        let query = "{ viewer { isSuperuser memberships(first: 100) { nodes { id role { id } organization {
            id slug name status avatar { type url initials color } defaultRole { id } viewerScopes viewerCanInvite
            viewerInvitableRoles { id } viewerCanSaveOptions viewerCanCreateTeam viewerCanDelete
            viewerMembership { id role { id } } options { openMembership trustedRelays { name } } } } } } }";
        let memberships = person.send(query, json!({})).await.ok();
        assert_eq!(
            memberships.data("viewer.memberships.nodes").as_array().unwrap().len(),
            count
        );
        let query = "{ organizations(first: 100) { totalCount nodes { id slug avatar { type initials } viewerScopes
            viewerMembership { id user { id } } options { allowJoinRequests } } } }";
        let organizations = person.send(query, json!({})).await.ok();
        assert_eq!(
            organizations.data("organizations.nodes").as_array().unwrap().len(),
            count
        );
        costs.push((memberships.statements(), organizations.statements()));
    }
    assert!(
        costs.iter().all(|cost| *cost == costs[0]),
        "{costs:?} statements for 1, 2, 50 and 100 organizations"
    );
    assert!(costs[0].0 <= 5 && costs[0].1 <= 7, "{costs:?} statements");
}

#[tokio::test]
async fn objects_of_many_types_cost_no_statement_for_each() {
    let app = TestApp::start().await;
    let ann = app.person("ann").seen().await;
    let mut costs = Vec::new();
    for (name, count) in [("One", 1), ("Two", 2), ("Hundred", 100)] {
        let organization = company(&app, &ann, name, count).await;
        let query = "query($slug: String!) { organization(slug: $slug) { id
            members(first: 100) { nodes { id user { id } } } teams(first: 100) { nodes { id
            memberships(first: 1) { nodes { id } } } } invites(first: 100) { nodes { id } }
            auditLog(first: 100) { nodes { id } } } }";
        let all = ann.send(query, json!({ "slug": organization.slug })).await.ok();
        let each = count.min(14);
        let ids = [
            "organization.members",
            "organization.teams",
            "organization.invites",
            "organization.auditLog",
        ];
        let mut ids: Vec<Value> = ids
            .iter()
            .flat_map(|path| all.data(&format!("{path}.nodes")).as_array().unwrap().iter().take(each))
            .flat_map(|node| [&node["id"], &node["user"]["id"], &node["memberships"]["nodes"][0]["id"]])
            .filter(|id| !id.is_null())
            .cloned()
            .collect();
        ids.push(json!(organization.id));
        let query = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id
            ... on User { name email avatarUrl }
            ... on Organization { slug avatar { initials } viewerScopes }
            ... on Member { name user { name } role { id } organization { slug } teamMemberships { id } isOnlyOwner }
            ... on Team { slug organization { slug } viewerCanUpdate viewerMembership { id } }
            ... on TeamMembership { effectiveRole { id } team { slug } member { user { name } } }
            ... on Invite { email inviter { name } teams { slug } delivery { status } organization { slug } }
            ... on AuditLogEntry { message actor { name } targetUser { name } organization { slug } } } }";
        let reply = ann.send(query, json!({ "ids": ids })).await.ok();
        let found = reply.data("nodes").as_array().unwrap();
        assert!(
            found.len() == ids.len() && found.iter().all(|node| !node.is_null()),
            "{reply:#?}"
        );
        costs.push(reply.statements());
    }
    assert!(
        costs.iter().all(|cost| *cost == costs[0]),
        "{costs:?} statements for ids of 1, 2 and many rows of each type"
    );
    assert!(costs[0] <= 16, "{costs:?} statements");
}

#[tokio::test]
async fn a_new_role_and_other_teams_cost_ten_statements_however_many_teams() {
    let app = TestApp::start().await;
    let ann = app.person("ann").seen().await;
    let organization = company(&app, &ann, "Acme", 40).await;
    let query = "query($slug: String!) { organization(slug: $slug) { members(first: 100) { nodes {
        id role { id } teamMemberships { team { slug } } } } } }";
    let reply = ann.send(query, json!({ "slug": organization.slug })).await.ok();
    let members = reply.data("organization.members.nodes").as_array().unwrap();
    let mut plain = members.iter().filter(|member| member["role"]["id"] == "member");
    let mut costs = Vec::new();
    for (role, count) in [("manager", 1), ("manager", 3), ("manager", 20)] {
        let member = plain.next().unwrap();
        let old: Vec<_> = member["teamMemberships"].as_array().unwrap().iter().collect();
        assert!(!old.is_empty());
        let is_new = |slug: &String| old.iter().all(|row| row["team"]["slug"] != **slug);
        let teams: Vec<Value> = (0..40)
            .map(|at| format!("team-{at:03}"))
            .filter(is_new)
            .take(count)
            .map(|slug| json!({ "teamSlug": slug }))
            .collect();
        assert_eq!(teams.len(), count);
        let fields = "member { id role { id } } userErrors { code message path }";
        let input = json!({ "memberId": member["id"], "orgRole": role, "teamRoles": teams });
        let reply = ann.mutate("updateMemberRoles", fields, input).await.ok();
        assert_eq!(reply.data("updateMemberRoles.member.role.id"), role);
        assert_eq!(app.db_teams_of(member["id"].as_str().unwrap()).await.len(), count);
        costs.push(reply.statements());
    }
    assert_eq!(costs, [10, 10, 10]);
}

#[tokio::test]
async fn an_organization_costs_two_statements() {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    let query = "query($slug: String!) { organization(slug: $slug) { id slug name status createdAt } }";
    let reply = ann.send(query, json!({ "slug": acme.slug })).await.ok();
    assert_eq!(reply.statements(), 2);
}
