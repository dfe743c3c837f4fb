//! What holds after every step, whatever the rules of the step are.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    player::Sight,
    rules::Object,
    state::World,
    step::{Act, Step},
};

/// What is broken, if something is.
pub fn check(before: &World, step: &Step, sight: &Sight) -> Result<(), String> {
    let after = &sight.world;
    let broken = [
        (has_owner(before, step, after), "there is an active owner"),
        (is_unique(after), "there is one row of each"),
        (
            has_no_redundant_role(after),
            "no stored team role is given by the org role anyway",
        ),
        (
            changed(before, after).is_subset(&sight.touched),
            "each changed object is in the outbox",
        ),
        (is_told(before, step, sight), "each change is in the audit log"),
    ];
    match broken.into_iter().find(|(holds, _)| !holds) {
        None => Ok(()),
        Some((_, rule)) => Err(format!("it does not hold that {rule}: {after:#?}")),
    }
}

/// Only whoever runs the installation can shut the last owner out, by making
/// the person inactive everywhere; no step within the organization does.
fn has_owner(before: &World, step: &Step, after: &World) -> bool {
    let has_owner = |world: &World| world.members.values().any(|row| world.is_active_owner(row));
    has_owner(after) || !has_owner(before) || matches!(step.act, Act::SetUserActive { .. })
}

fn is_unique(world: &World) -> bool {
    fn all_differ<T: Ord>(things: impl Iterator<Item = T>) -> bool {
        let mut seen = BTreeSet::new();
        things.into_iter().all(|thing| seen.insert(thing))
    }
    let rows = || world.members.values();
    all_differ(rows().filter_map(|row| row.person))
        && all_differ(
            rows()
                .filter_map(|row| row.email.as_ref())
                .map(|email| email.to_lowercase()),
        )
        && all_differ(rows().filter_map(|row| row.link).map(|link| link.number))
        && all_differ(world.teams.values().map(|team| &team.slug))
}

fn has_no_redundant_role(world: &World) -> bool {
    let mut places = world.places.iter();
    places.all(|((_, member), stored)| stored.is_none_or(|stored| stored > world.members[member].role.minimum()))
}

/// Objects that are not what they were. What hangs on a row or a team that is
/// gone is gone with it.
fn changed(before: &World, after: &World) -> BTreeSet<Object> {
    fn keys<K: Ord + Copy, V: PartialEq>(before: &BTreeMap<K, V>, after: &BTreeMap<K, V>) -> Vec<K> {
        let all = before.keys().chain(after.keys());
        all.filter(|key| before.get(key) != after.get(key)).copied().collect()
    }
    // An invite that has run out is what it was; only time has passed.
    let timeless = |world: &World| {
        let mut members = world.members.clone();
        members
            .values_mut()
            .filter_map(|row| row.link.as_mut())
            .for_each(|link| link.is_expired = false);
        members
    };
    let is_there = |team: &_, member: &_| after.teams.contains_key(team) && after.members.contains_key(member);
    let mut changed = BTreeSet::new();
    changed.extend((before.organization != after.organization).then_some(Object::Organization));
    changed.extend((before.provider != after.provider).then_some(Object::Provider));
    changed.extend(
        before
            .identities
            .symmetric_difference(&after.identities)
            .map(|person| Object::Identity(*person)),
    );
    changed.extend(
        before
            .inactive
            .symmetric_difference(&after.inactive)
            .map(|person| Object::User(*person)),
    );
    changed.extend(
        keys(&timeless(before), &timeless(after))
            .into_iter()
            .map(Object::Member),
    );
    changed.extend(keys(&before.teams, &after.teams).into_iter().map(Object::Team));
    let places = keys(&before.places, &after.places)
        .into_iter()
        .filter(|(team, member)| is_there(team, member));
    changed.extend(places.map(|(team, member)| Object::Place(team, member)));
    changed
}

/// Not told: what belongs to no organization's log (§28), what §22 has no event
/// for, and the invite that whoever accepts it has no use for (§7).
fn is_told(before: &World, step: &Step, sight: &Sight) -> bool {
    let is_silent = matches!(step.act, Act::SetUserActive { .. } | Act::LinkSsoIdentity { .. })
        || matches!(step.act, Act::AcceptInvite { .. }) && sight.world.members.len() < before.members.len();
    is_silent || changed(before, &sight.world).is_empty() || !sight.audit.is_empty()
}
