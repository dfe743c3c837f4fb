//! Avatars of organizations and people (§17).

mod multipart;
mod person;
mod serving;
mod upload;

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use serde_json::{Value, json};

use crate::support::{Client, Organization, Reply, TestApp};

const SAVE: &str = "saveOrgOptions";
const AVATAR: &str = "organization { avatar { type url initials color } }";

/// A picture in one colour.
pub fn picture(side: u32, color: [u8; 3], format: ImageFormat) -> Vec<u8> {
    rectangle(side, side, color, format)
}

fn rectangle(width: u32, height: u32, color: [u8; 3], format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let picture = DynamicImage::from(RgbImage::from_pixel(width, height, Rgb(color)));
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// A good picture.
pub fn red() -> Vec<u8> {
    picture(256, [200, 0, 0], ImageFormat::Png)
}

impl Client {
    /// `saveOrgOptions` with a picture.
    pub async fn save_avatar(&self, organization: &Organization, mut input: Value, file: &[u8]) -> Reply {
        input["organizationId"] = json!(organization.id);
        self.upload(
            SAVE,
            &format!("{AVATAR} changes {{ field }} ignoredFields"),
            input,
            file,
        )
        .await
    }

    /// `saveOrgOptions` without a picture.
    async fn save_avatar_type(&self, organization: &Organization, mut input: Value) -> Reply {
        input["organizationId"] = json!(organization.id);
        self.mutate(SAVE, &format!("{AVATAR} changes {{ field }}"), input).await
    }

    /// The avatar of an organization.
    async fn avatar(&self, organization: &Organization) -> Value {
        let query = "query($id: ID!) { node(id: $id) { ... on Organization { avatar { type url initials color } } } }";
        self.send(query, json!({ "id": organization.id }))
            .await
            .ok()
            .data("node.avatar")
            .clone()
    }
}

/// The path of an address of ours.
pub fn path(url: &Value) -> String {
    let url = url::Url::parse(url.as_str().unwrap()).unwrap();
    url[url::Position::BeforePath..].to_owned()
}

/// Acme and its owner.
async fn acme() -> (TestApp, Organization, Client) {
    let app = TestApp::start().await;
    let (acme, ann) = app.organization("Acme").await;
    (app, acme, ann)
}
