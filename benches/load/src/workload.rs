//! What is asked, and of which data.

use std::{
    collections::BTreeSet,
    fmt::{self, Write},
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use clap::ValueEnum;
use rand::{Rng, SeedableRng, rngs::StdRng, seq::index};
use serde_json::{Value, json};

use crate::server::{Server, Settings, roster};

/// Requests of each workload; they are sent again and again.
const REQUESTS: usize = 2_000;
/// As `roster demo --size large` makes them.
const COMPANIES: u64 = 200;
const MEMBERS: u64 = 500;
const TEAMS: u64 = 20;
const LARGE: &str = "metropolis";

/// Reference workloads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Workload {
    /// An organization by its slug: five scalars.
    W1,
    /// A page of 50 members with roles, people and teams.
    W2,
    /// 20 teams, each with a page of 10 members and their people.
    W3,
    /// W2 in the second half of 200,000 members.
    W4,
    /// A new role and a new set of teams for a member.
    W5,
}

impl fmt::Display for Workload {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self:?}")
    }
}

/// The data that is asked for: rows are numbered as they were made.
pub struct Data {
    /// Ids of the first and the last member of the large organization.
    large: (i64, i64),
    /// Ids of the first member of the small ones who is no founder.
    first: i64,
}

/// Files with the requests of one workload.
pub struct Requests {
    workload: Workload,
    of_limit: PathBuf,
    of_roster: PathBuf,
}

impl Data {
    /// Fills the database unless it is filled, and looks for what is asked.
    pub fn prepare(binary: &Path, settings: &Settings) -> Result<Self> {
        let binary = binary.canonicalize().with_context(|| binary.display().to_string())?;
        let filled = roster(&binary, settings).args(["demo", "--size", "large"]).output()?;
        let said = String::from_utf8_lossy(&filled.stderr);
        ensure!(filled.status.success() || said.contains("not empty"), "{said}");

        let server = Server::roster("roster", &binary, settings)?;
        let members = |last: &str, slug: &str| -> Result<i64> {
            let query = format!("{{ organization(slug: \"{slug}\") {{ members({last}: 2) {{ nodes {{ id }} }} }} }}");
            let answer = server.answer("/graphql", &json!({ "query": query }).to_string())?;
            let nodes = &answer["data"]["organization"]["members"]["nodes"];
            let id = nodes[1]["id"].as_str().with_context(|| answer.to_string())?;
            let id = String::from_utf8(URL_SAFE_NO_PAD.decode(id)?)?;
            let (_, id) = id.split_once(':').context("an id without a number")?;
            Ok(id.parse()?)
        };
        Ok(Self {
            large: (members("first", LARGE)?, members("last", LARGE)?),
            first: members("first", "company-1")?,
        })
    }
}

impl Workload {
    /// The requests, for both kinds of programs.
    pub fn requests(self, data: &Data, settings: &Settings) -> Result<Requests> {
        // The same in every run.
        let mut random = StdRng::seed_from_u64(self as u64);
        let (mut limit, mut roster) = (String::new(), String::new());
        let document = match self {
            Self::W1 => include_str!("../operations/w1.graphql"),
            Self::W2 | Self::W4 => include_str!("../operations/w2.graphql"),
            Self::W3 => include_str!("../operations/w3.graphql"),
            Self::W5 => include_str!("../operations/w5.graphql"),
        };
        for number in 0..REQUESTS {
            let (by_hand, variables) = self.ask(data, number, &mut random);
            let path = match self {
                Self::W4 => "w2".to_owned(),
                _ => self.to_string().to_lowercase(),
            };
            writeln!(limit, "/{path}\t{by_hand}")?;
            let body = json!({ "query": document, "variables": variables });
            writeln!(roster, "/graphql\t{body}")?;
        }
        let requests = Requests {
            workload: self,
            of_limit: settings.folder.join(format!("{self}-limit")),
            of_roster: settings.folder.join(format!("{self}-roster")),
        };
        fs::write(&requests.of_limit, limit)?;
        fs::write(&requests.of_roster, roster)?;
        Ok(requests)
    }

    /// One request: what the yardstick takes, and variables of the operation.
    fn ask(self, data: &Data, number: usize, random: &mut StdRng) -> (Value, Value) {
        let company = random.random_range(0..COMPANIES);
        let slug = format!("company-{}", company + 1);
        match self {
            Self::W1 | Self::W2 | Self::W3 => {
                let asked = json!({ "slug": slug });
                (asked.clone(), asked)
            }
            Self::W4 => {
                let (first, last) = data.large;
                let id = random.random_range(first + (last - first) / 2..last - 100);
                let cursor = URL_SAFE_NO_PAD.encode(format!(r#"{{"o":"member.id","i":{id}}}"#));
                (
                    json!({ "slug": LARGE, "after": id }),
                    json!({ "slug": LARGE, "after": cursor }),
                )
            }
            Self::W5 => {
                // Each member gets one role and set of teams in the first half of
                // the requests, and others in the second: there is always something
                // to change, however often they are sent.
                let (half, place) = (number * 2 / REQUESTS, (number % (REQUESTS / 2)) as u64);
                let (company, seat) = (place % COMPANIES, place / COMPANIES);
                let member = data.first + (company * (MEMBERS - 1) + seat) as i64;
                let role = ["member", "manager"][half];
                let from = half * TEAMS as usize / 2;
                let teams: BTreeSet<_> = index::sample(random, TEAMS as usize / 2, 3)
                    .into_iter()
                    .map(|team| format!("team-{}", from + team + 1))
                    .collect();
                let assignments: Vec<_> = teams.iter().map(|slug| json!({ "teamSlug": slug })).collect();
                let id = URL_SAFE_NO_PAD.encode(format!("Member:{member}"));
                (
                    json!({ "member": member, "role": role, "teams": teams }),
                    json!({ "input": { "memberId": id, "orgRole": role, "teamRoles": assignments } }),
                )
            }
        }
    }
}

impl Requests {
    /// The file for a program.
    pub fn of(&self, server: &Server) -> &Path {
        if server.is_limit {
            &self.of_limit
        } else {
            &self.of_roster
        }
    }

    /// Checks that all programs answer the same, and not with nothing.
    pub fn check(&self, servers: &[Server]) -> Result<()> {
        let lines = |path| -> Result<Vec<String>> {
            Ok(fs::read_to_string(path)?.lines().take(20).map(str::to_owned).collect())
        };
        let (of_limit, of_roster) = (lines(&self.of_limit)?, lines(&self.of_roster)?);
        for (by_hand, asked) in of_limit.iter().zip(&of_roster) {
            let mut answers = Vec::new();
            for server in servers {
                let line = if server.is_limit { by_hand } else { asked };
                let (path, body) = line.split_once('\t').context("no request")?;
                answers.push(server.answer(path, body)?);
            }
            let first = &answers[0];
            let expected = match self.workload {
                Workload::W1 => first["data"]["organization"]["id"].is_string(),
                Workload::W2 | Workload::W4 => {
                    let nodes = first["data"]["organization"]["members"]["nodes"].as_array();
                    nodes.is_some_and(|nodes| nodes.len() == 50)
                }
                Workload::W3 => {
                    let nodes = first["data"]["organization"]["teams"]["nodes"].as_array();
                    nodes.is_some_and(|nodes| nodes.len() == 20)
                }
                Workload::W5 => first["data"]["updateMemberRoles"]["member"]["id"].is_string(),
            };
            ensure!(expected, "{}: not what was expected: {first}", self.workload);
            for (server, answer) in servers.iter().zip(&answers) {
                ensure!(
                    same(first, answer),
                    "{}: {} says {answer}, not {first}",
                    self.workload,
                    server.name
                );
            }
        }
        Ok(())
    }
}

/// Whether two answers say the same; a time may be spelled in two ways.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .all(|(name, value)| other.get(name).is_some_and(|other| same(value, other)))
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Value::String(one), Value::String(other)) if one != other => {
            let time = |text: &str| chrono::DateTime::parse_from_rfc3339(text).ok();
            time(one).is_some() && time(one) == time(other)
        }
        _ => one == other,
    }
}
