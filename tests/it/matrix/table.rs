//! Reads the tables of `authorization.md`.

use std::collections::BTreeMap;

/// The columns of callers.
pub const CALLERS: [&str; 12] = [
    "anonymous",
    "stranger",
    "pending",
    "member",
    "admin",
    "manager",
    "owner",
    "team admin",
    "superuser",
    "over limit",
    "no 2FA",
    "no SSO",
];

/// The file: its tables, each below its heading.
pub struct Book {
    /// Codes by the words that stand for them.
    words: BTreeMap<String, String>,
    tables: BTreeMap<String, Vec<Row>>,
}

/// A row: cells by the heading of their column.
#[derive(Clone, Debug)]
pub struct Row {
    /// What the row is about: one name, or several that are answered alike.
    pub names: Vec<String>,
    /// The second column: the circumstances.
    pub case: String,
    cells: BTreeMap<String, String>,
}

impl Row {
    /// The cell below this heading.
    pub fn cell(&self, heading: &str) -> &str {
        self.cells.get(heading).unwrap_or_else(|| panic!("no column {heading}"))
    }

    /// The callers, each with what they are answered.
    pub fn callers(&self) -> impl Iterator<Item = (&str, &str)> {
        CALLERS.iter().map(|caller| (*caller, self.cell(caller)))
    }

    /// What an API token with this scope is answered.
    pub fn of_scope(&self, scope: &str) -> &str {
        let holds = |scopes: &str| scopes.split(' ').any(|one| one == scope);
        let mut exceptions = self
            .cell("exceptions")
            .split("; ")
            .filter_map(|one| one.split_once(": "));
        match exceptions.find(|(_, scopes)| holds(scopes)) {
            Some((answer, _)) => answer,
            None if self.cell("ok") == "any" || holds(self.cell("ok")) => "ok",
            None => self.cell("else"),
        }
    }

    /// A complaint unless `answer` is what the cell says.
    pub fn differs(&self, book: &Book, name: &str, caller: &str, cell: &str, answer: &str) -> Option<String> {
        let is_unknown = cell == "none" && answer == self.cell("unknown");
        let told = match () {
            () if is_unknown => "none".into(),
            () if cell == "ok" && is_shown(answer) => "ok".into(),
            () => book.spelled(answer),
        };
        (told != cell).then(|| format!("{name} ({}), {caller}: {told}, and not {cell}", self.case))
    }
}

impl Book {
    /// Reads the file.
    pub fn read() -> Self {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/matrix/authorization.md");
        let text = std::fs::read_to_string(path).unwrap();
        let (mut tables, mut heading) = (BTreeMap::new(), "Words");
        for block in text.split("\n\n") {
            if let Some(title) = block.strip_prefix("## ") {
                heading = title.trim();
            } else if block.starts_with('|') {
                tables.insert(heading.to_owned(), rows(block));
            }
        }
        let is_code = |text: &str| {
            text.chars()
                .all(|one| one.is_ascii_uppercase() || one == '_' || one.is_ascii_digit())
        };
        let words = tables["Words"].iter().filter(|row: &&Row| is_code(row.cell("answer")));
        Self {
            words: words
                .map(|row| (row.names[0].clone(), row.cell("answer").to_owned()))
                .collect(),
            tables,
        }
    }

    /// The rows below this heading.
    pub fn table(&self, heading: &str) -> &[Row] {
        &self.tables[heading]
    }

    /// The rows below this heading, once for each of their names.
    pub fn entries(&self, heading: &str) -> impl Iterator<Item = (&Row, &str)> {
        let rows = self.tables[heading].iter();
        rows.flat_map(|row| row.names.iter().map(move |name| (row, name.as_str())))
    }

    /// An answer as the tables spell it: the word that stands for the code.
    pub fn spelled(&self, code: &str) -> String {
        let word = self.words.iter().find(|(_, meaning)| *meaning == code);
        word.map_or(code, |(word, _)| word).to_owned()
    }
}

/// The rows of one table.
fn rows(block: &str) -> Vec<Row> {
    let mut lines = block.lines().map(|line| {
        let cells = line.trim().trim_matches('|').split('|');
        cells.map(|cell| cell.trim().to_owned()).collect::<Vec<_>>()
    });
    let headings = lines.next().unwrap();
    let rows = lines.skip(1).map(|cells| {
        assert_eq!(cells.len(), headings.len(), "{cells:?}");
        Row {
            names: cells[0].split(", ").map(str::to_owned).collect(),
            case: cells[1].clone(),
            cells: headings.iter().cloned().zip(cells).collect(),
        }
    });
    rows.collect()
}

/// Whether this is the spelling of an error code.
fn is_code(text: &str) -> bool {
    let is_spelled = |one: char| one.is_ascii_uppercase() || one.is_ascii_digit() || one == '_';
    text.starts_with(|one: char| one.is_ascii_uppercase()) && text.chars().all(is_spelled)
}

/// Whether an answer shows something.
fn is_shown(answer: &str) -> bool {
    !is_code(answer) && !["null", "false", "nothing", "0"].contains(&answer)
}
