//! From facts to words: templates, and what is done to everything they print.

use std::borrow::Cow;

use minijinja::{Environment, UndefinedBehavior, Value, context, escape_formatter, value::Serde};
use rust_embed::Embed;
use textwrap::{Options, WordSplitter};

use super::Content;
use crate::config::{Config, ConfigError};

/// One folder for each content, and what they share.
#[derive(Embed)]
#[folder = "src/mail/templates/"]
struct Templates;

/// Columns of the text part.
const WIDTH: usize = 76;
/// Longest subject, in characters. Longer lines than 998 bytes are no mail.
const SUBJECT_MAX: usize = 200;

/// A letter in words.
pub struct Rendered {
    /// One line.
    pub subject: String,
    /// For those who read text.
    pub text: String,
    /// For everybody else.
    pub html: String,
}

/// The templates, ready for use.
pub struct Renderer(Environment<'static>);

impl Renderer {
    /// # Errors
    /// `mail.color` is no colour.
    pub fn new(config: &Config) -> Result<Self, ConfigError> {
        let color = parse_color(&config.mail.color)
            .ok_or_else(|| ConfigError::new("mail.color: expected a colour such as #4a3fb5".into()))?;
        let mut templates = Environment::new();
        templates.set_undefined_behavior(UndefinedBehavior::Strict);
        templates.set_formatter(|out, state, value| match value.as_str() {
            // What a macro has printed was cleaned when it was.
            Some(text) if !value.is_safe() => escape_formatter(out, state, &Value::from(clean(text).as_ref())),
            _ => escape_formatter(out, state, value),
        });
        templates.add_global("product", config.product_name.as_str());
        templates.add_global("home", config.public_url());
        templates.add_global("color", config.mail.color.as_str());
        templates.add_global("on_color", readable_on(color));
        for name in Templates::iter() {
            let source = Templates::get(&name)
                .map(|file| file.data.into_owned())
                .unwrap_or_default();
            templates
                .add_template_owned(name.to_string(), String::from_utf8_lossy(&source).into_owned())
                .map_err(|error| ConfigError::new(format!("mail template: {error}")))?;
        }
        Ok(Self(templates))
    }

    /// # Errors
    /// A template that does not fit its facts: a mistake of ours.
    pub fn render(&self, content: &Content) -> Result<Rendered, minijinja::Error> {
        let folder: &'static str = content.into();
        let facts = Value::from(Serde(content));
        let render = |file: &str, facts: Value| self.0.get_template(&format!("{folder}/{file}"))?.render(facts);

        let subject = subject_line(&render("subject.txt", facts.clone())?);
        let text = render("text.txt", facts.clone())?;
        let html = render("html.html", context! { subject => subject.as_str(), ..facts })?;
        // A link must stay in one piece, hyphens and all.
        let options = Options::new(WIDTH)
            .break_words(false)
            .word_splitter(WordSplitter::NoHyphenation);
        Ok(Rendered {
            text: textwrap::fill(text.trim(), options) + "\n",
            html,
            subject,
        })
    }
}

/// The first line, not too long, and nothing in it that a mail program would
/// take for encoded.
fn subject_line(text: &str) -> String {
    let line = text.trim().lines().next().unwrap_or_default();
    let words: Vec<&str> = line.split_whitespace().collect();
    let line = words.join(" ").replace("=?", "= ?");
    if line.chars().count() <= SUBJECT_MAX {
        return line;
    }
    line.chars().take(SUBJECT_MAX - 1).chain(['…']).collect()
}

/// Text from outside, fit to be printed: on one line, and without what makes
/// the words around it read otherwise than they are.
fn clean(text: &str) -> Cow<'_, str> {
    let is_break = |letter: char| letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}');
    if !text.contains(|letter| is_break(letter) || is_invisible(letter)) {
        return Cow::Borrowed(text);
    }
    let letters = text.chars().filter(|letter| !is_invisible(*letter));
    Cow::Owned(
        letters
            .map(|letter| if is_break(letter) { ' ' } else { letter })
            .collect(),
    )
}

/// Letters that turn the direction of a text, and those that cannot be seen at
/// all. (Not the joiners: many a script needs them.)
pub fn is_invisible(letter: char) -> bool {
    matches!(letter, '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// `#rrggbb`.
fn parse_color(text: &str) -> Option<[u8; 3]> {
    let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6)?;
    if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let [_, red, green, blue] = u32::from_str_radix(digits, 16).ok()?.to_be_bytes();
    Some([red, green, blue])
}

/// Black or white, whichever is easier to read on `color` (WCAG 2: at least
/// 4.5 to 1, whatever the colour).
fn readable_on(color: [u8; 3]) -> &'static str {
    let linear = |part: u8| {
        let part = f64::from(part) / 255.0;
        if part <= 0.04045 {
            part / 12.92
        } else {
            ((part + 0.055) / 1.055).powf(2.4)
        }
    };
    let [red, green, blue] = color.map(linear);
    let luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    // The contrast to white is 1.05 / (l + 0.05), to black (l + 0.05) / 0.05.
    if (luminance + 0.05).powi(2) > 1.05 * 0.05 {
        "#000000"
    } else {
        "#ffffff"
    }
}
