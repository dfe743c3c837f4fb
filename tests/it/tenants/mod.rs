//! What is another organization's is not found, by no way.

mod doors;

use std::collections::BTreeSet;

use entity::ids::RowId;
use serde_json::{Value, json};

use crate::{
    matrix::scene::{Cast, Gate, Scene},
    read::walk::{Schema, innermost},
    support::{Client, TestApp},
};
