//! Options of an organization. Fields of the output and of the input are made
//! from the registry, so an option that is added there appears here.

use std::{borrow::Cow, sync::Arc};

use async_graphql::{
    ContainerType, Context, ContextSelectionSet, ID, InputObject, InputObjectType, InputType, InputValueError,
    InputValueResult, Json, MaybeUndefined, Name, Object, ObjectType, OutputType, Positioned, ServerResult,
    SimpleObject, Value,
    indexmap::IndexMap,
    parser::types::Field,
    registry::{InputObjectBuilder, MetaField, MetaInputValue, MetaTypeId, ObjectBuilder, Registry},
    resolver_utils::resolve_container,
};
use chrono::{DateTime, Utc};

use super::{
    avatar::{self, AvatarType},
    context::ContextExt,
    custom_options::{CustomOption, CustomOptionInput},
    error::{IntoPayload, Payload, Reply, UserError},
    id::row_id,
    member::Member,
    organization::Organization,
    role::OrgRole,
    scalar::Upload,
};
use crate::{
    app::App,
    domain::compliance::Affected,
    domain::options::{
        self, CustomGiven, Given, Kind, Saved, Settings,
        registry::{self, Entry, OPTIONS},
    },
};

/// The options of an organization as they count: what was set, else the
/// default.
pub struct OrganizationOptions {
    settings: Arc<Settings>,
    app: Arc<App>,
}

impl OrganizationOptions {
    /// These settings, with the org roles of the deployment.
    pub fn new(settings: Arc<Settings>, app: Arc<App>) -> Self {
        Self { settings, app }
    }
}

/// Field of the options of the deployment's own.
const CUSTOM_OPTIONS: &str = "customOptions";

/// Registers the GraphQL type of an option as it is read, and names it.
fn output_type(entry: &Entry, registry: &mut Registry) -> String {
    match entry.kind {
        Kind::Bool | Kind::Switch => <bool as OutputType>::create_type_info(registry),
        Kind::Int { .. } if entry.default.is_null() => <Option<i32> as OutputType>::create_type_info(registry),
        Kind::Int { .. } => <i32 as OutputType>::create_type_info(registry),
        Kind::Float { .. } => <f64 as OutputType>::create_type_info(registry),
        Kind::Word(_) => <String as OutputType>::create_type_info(registry),
        Kind::Role => <OrgRole as OutputType>::create_type_info(registry),
        Kind::Texts { .. } | Kind::Selectors { .. } => <Vec<String> as OutputType>::create_type_info(registry),
        Kind::PiiConfig => <Option<Json<serde_json::Value>> as OutputType>::create_type_info(registry),
        Kind::Relays => <Vec<TrustedRelay> as OutputType>::create_type_info(registry),
    }
}

impl ContainerType for OrganizationOptions {
    async fn resolve_field(&self, ctx: &Context<'_>) -> ServerResult<Option<Value>> {
        let name = &ctx.item.node.name.node;
        let selection = ctx.with_selection_set(&ctx.item.node.selection_set);
        if name == CUSTOM_OPTIONS {
            let options = CustomOption::all(&self.app, &self.settings);
            let value = OutputType::resolve(&options, &selection, ctx.item).await;
            return value.map(Some).map_err(|error| ctx.set_error_path(error));
        }
        let Some(entry) = registry::find(name) else {
            return Ok(None);
        };
        let value = match entry.kind {
            Kind::Role => {
                let role = OrgRole(self.settings.role(entry, &self.app.roles).clone());
                OutputType::resolve(&role, &selection, ctx.item).await
            }
            Kind::Relays => {
                let relays: Vec<_> = self.settings.trusted_relays().into_iter().map(TrustedRelay).collect();
                OutputType::resolve(&relays, &selection, ctx.item).await
            }
            _ => Ok(Value::from_json(self.settings.get(entry)).unwrap_or_default()),
        };
        value.map(Some).map_err(|error| ctx.set_error_path(error))
    }
}

impl OutputType for OrganizationOptions {
    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed("OrganizationOptions")
    }

    fn create_type_info(registry: &mut Registry) -> String {
        registry.create_output_type::<Self, _>(MetaTypeId::Object, |registry| {
            let field = |entry: &Entry| {
                let mut field = MetaField::new(entry.name, output_type(entry, registry));
                field.description = Some(entry.description());
                (entry.name.to_owned(), field)
            };
            let mut fields: IndexMap<_, _> = OPTIONS.iter().map(field).collect();
            let of = <Vec<CustomOption> as OutputType>::create_type_info(registry);
            let mut custom = MetaField::new(CUSTOM_OPTIONS, of);
            custom.description = Some("Options that the deployment has declared of its own, by name.".into());
            fields.insert(CUSTOM_OPTIONS.to_owned(), custom);
            ObjectBuilder::new(<Self as OutputType>::type_name(), fields)
                .rust_typename(std::any::type_name::<Self>())
                .description(Some(
                    "The options of an organization as they count: what was set, else the default.".into(),
                ))
                .build()
        })
    }

    async fn resolve(&self, ctx: &ContextSelectionSet<'_>, _field: &Positioned<Field>) -> ServerResult<Value> {
        resolve_container(ctx, self).await
    }
}

impl ObjectType for OrganizationOptions {}

/// A relay that may send events for an organization.
pub struct TrustedRelay(options::TrustedRelay);

/// A time as it is stored in the list of relays. Whoever wrote one that cannot
/// be read did not write it here.
fn time(text: &str) -> DateTime<Utc> {
    text.parse().unwrap_or(DateTime::UNIX_EPOCH)
}

/// A relay that may send events for an organization.
#[Object]
impl TrustedRelay {
    /// Its public key: 32 bytes in URL-safe base64 without padding.
    async fn public_key(&self) -> &str {
        &self.0.public_key
    }

    /// Name to show.
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// What it is for.
    async fn description(&self) -> Option<&str> {
        self.0.description.as_deref()
    }

    /// When the key came into the list.
    async fn created(&self) -> DateTime<Utc> {
        time(&self.0.created)
    }

    /// When its name or description last changed.
    async fn last_modified(&self) -> DateTime<Utc> {
        time(&self.0.last_modified)
    }
}

/// A relay that may send events for an organization.
#[derive(InputObject)]
pub struct TrustedRelayInput {
    /// Its public key: 32 bytes in URL-safe base64 without padding, which is 43
    /// characters.
    public_key: String,
    /// Name to show: 1 to 200 characters, not blank. White space at the ends is
    /// dropped.
    name: String,
    /// What it is for, in at most 2,000 characters.
    description: Option<String>,
}

impl From<TrustedRelayInput> for serde_json::Value {
    fn from(relay: TrustedRelayInput) -> Self {
        serde_json::json!({ "publicKey": relay.public_key, "name": relay.name, "description": relay.description })
    }
}

/// The options that were given, as the API spells their values; null is null.
struct OptionsInput(Vec<(&'static Entry, serde_json::Value)>);

/// Registers the GraphQL type of an option as it is given, and names it.
fn input_type(entry: &Entry, registry: &mut Registry) -> String {
    match entry.kind {
        Kind::Bool | Kind::Switch => <Option<bool> as InputType>::create_type_info(registry),
        Kind::Int { .. } => <Option<i32> as InputType>::create_type_info(registry),
        Kind::Float { .. } => <Option<f64> as InputType>::create_type_info(registry),
        Kind::Word(_) | Kind::Role => <Option<String> as InputType>::create_type_info(registry),
        Kind::Texts { .. } | Kind::Selectors { .. } => <Option<Vec<String>> as InputType>::create_type_info(registry),
        Kind::PiiConfig => <Option<Json<serde_json::Value>> as InputType>::create_type_info(registry),
        Kind::Relays => <Option<Vec<TrustedRelayInput>> as InputType>::create_type_info(registry),
    }
}

/// Reads a value of GraphQL type `T`.
fn parse<T: InputType>(value: Value) -> InputValueResult<T> {
    T::parse(Some(value))
}

fn parse_option(entry: &Entry, value: Value) -> InputValueResult<serde_json::Value> {
    if value == Value::Null {
        return Ok(serde_json::Value::Null);
    }
    let json = match entry.kind {
        Kind::Bool | Kind::Switch => parse::<bool>(value).map_err(InputValueError::propagate)?.into(),
        Kind::Int { .. } => parse::<i32>(value).map_err(InputValueError::propagate)?.into(),
        Kind::Float { .. } => parse::<f64>(value).map_err(InputValueError::propagate)?.into(),
        Kind::Word(_) | Kind::Role => parse::<String>(value).map_err(InputValueError::propagate)?.into(),
        // A single text counts as a list in GraphQL. Here it does not: of a
        // list of selectors, that is more likely a mistake.
        Kind::Selectors { .. } if matches!(value, Value::String(_)) => {
            parse::<String>(value).map_err(InputValueError::propagate)?.into()
        }
        Kind::Texts { .. } | Kind::Selectors { .. } => {
            parse::<Vec<String>>(value).map_err(InputValueError::propagate)?.into()
        }
        // An object of any shape; but not the place of a file.
        Kind::PiiConfig if Upload::is_in(&value) => {
            return Err(InputValueError::expected_type(value));
        }
        Kind::PiiConfig => value.into_json().map_err(InputValueError::custom)?,
        Kind::Relays => parse::<Vec<TrustedRelayInput>>(value)
            .map_err(InputValueError::propagate)?
            .into(),
    };
    Ok(json)
}

impl InputType for OptionsInput {
    type RawValueType = Self;

    fn type_name() -> Cow<'static, str> {
        Cow::Borrowed("OrganizationOptionsInput")
    }

    fn create_type_info(registry: &mut Registry) -> String {
        registry.create_input_type::<Self, _>(MetaTypeId::InputObject, |registry| {
            let field = |entry: &Entry| {
                let mut field = MetaInputValue::new(entry.name, input_type(entry, registry));
                field.description = Some(entry.input_description());
                (entry.name.to_owned(), field)
            };
            let fields: IndexMap<_, _> = OPTIONS.iter().map(field).collect();
            InputObjectBuilder::new(<Self as InputType>::type_name(), fields)
                .rust_typename(std::any::type_name::<Self>())
                .build()
        })
    }

    fn parse(value: Option<Value>) -> InputValueResult<Self> {
        let Some(Value::Object(mut fields)) = value else {
            return Err(InputValueError::expected_type(value.unwrap_or_default()));
        };
        let mut options = Vec::new();
        for entry in OPTIONS.iter() {
            if let Some(value) = fields.swap_remove(entry.name) {
                options.push((entry, parse_option(entry, value).map_err(InputValueError::propagate)?));
            }
        }
        Ok(Self(options))
    }

    fn to_value(&self) -> Value {
        let field = |(entry, value): &(&Entry, serde_json::Value)| {
            (
                Name::new(entry.name),
                Value::from_json(value.clone()).unwrap_or_default(),
            )
        };
        Value::Object(self.0.iter().map(field).collect())
    }

    fn as_raw_value(&self) -> Option<&Self> {
        Some(self)
    }
}

impl InputObjectType for OptionsInput {}

/// What `saveOrgOptions` saves. What is absent stays as it is.
#[derive(InputObject)]
pub struct SaveOrgOptionsInput {
    /// The organization.
    organization_id: ID,
    /// Name to show: at most 64 characters, not blank.
    name: MaybeUndefined<String>,
    /// Name in addresses: 3 to 50 lower-case letters, digits and dashes. It
    /// begins with a letter or digit, does not end with a dash and is not only
    /// digits. Links with the slug that it replaces stop working.
    slug: MaybeUndefined<String>,
    /// Id of the org role that whoever asks to join gets. Without org:admin it
    /// has no effect and is named in `ignoredFields`.
    default_role: MaybeUndefined<String>,
    /// True restores an organization that awaits its deletion; the other fields
    /// apply after that. Without effect on an active organization. Without
    /// org:admin it is named in `ignoredFields`.
    cancel_deletion: MaybeUndefined<bool>,
    /// What stands for the organization where there is little room. A picture
    /// must be given, now or before. Without it, and with a picture: the
    /// picture.
    avatar_type: MaybeUndefined<AvatarType>,
    /// A picture: GIF, JPEG or PNG, square, 256 to 1024 pixels wide, at most
    /// 5,000,000 bytes. It is kept while a letter is shown.
    avatar: MaybeUndefined<Upload>,
    /// True checks everything and answers what would change, and saves nothing.
    #[graphql(default_with = "MaybeUndefined::Value(false)")]
    dry_run: MaybeUndefined<bool>,
    /// Options that the deployment has declared of its own. Those that are not
    /// in the list stay as they are.
    custom_options: MaybeUndefined<Vec<CustomOptionInput>>,
    #[graphql(flatten)]
    options: OptionsInput,
}

/// Tells what is absent, null and there apart, without GraphQL.
pub(super) fn told<T>(field: MaybeUndefined<T>) -> Option<Option<T>> {
    match field {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(value) => Some(Some(value)),
    }
}

impl SaveOrgOptionsInput {
    fn given(self, ctx: &Context<'_>) -> Given {
        Given {
            name: told(self.name),
            slug: told(self.slug),
            default_role: told(self.default_role),
            cancel_deletion: told(self.cancel_deletion),
            avatar: avatar::given(ctx, self.avatar_type, self.avatar),
            custom: told(self.custom_options)
                .map(|given| given.map(|given| given.into_iter().map(CustomGiven::from).collect())),
            dry_run: told(self.dry_run),
            options: self.options.0,
        }
    }
}

/// Something that `saveOrgOptions` changed.
#[derive(SimpleObject)]
pub struct FieldChange {
    /// What changed, as the audit log names it: options by their field here,
    /// flags by the name and with the meaning of what is stored, such as
    /// `disable_shared_issues`.
    field: String,
    /// How it changed, such as `from 1 to 20`, or `to true` where nothing was
    /// set before.
    change: String,
}

impl From<options::FieldChange> for FieldChange {
    fn from(change: options::FieldChange) -> Self {
        Self {
            field: change.field,
            change: change.change,
        }
    }
}

/// Whom a save of options would make pending, because it requires a second
/// factor or a verified address that they lack. They get a new invite, and keep
/// role and teams. The only active owner is never made pending, nor is anybody
/// to whose address no invite of their own could go.
#[derive(SimpleObject)]
pub struct OptionsImpact {
    /// How many.
    affected_member_count: i32,
    /// The first 100 of them. Empty for whoever lacks member:read.
    affected_members: Vec<Member>,
}

impl From<Affected> for OptionsImpact {
    fn from(affected: Affected) -> Self {
        Self {
            affected_member_count: affected.count.try_into().unwrap_or(i32::MAX),
            affected_members: affected.first.into_iter().map(Member::new).collect(),
        }
    }
}

/// What `saveOrgOptions` answers.
#[derive(SimpleObject)]
pub struct SaveOrgOptionsPayload {
    /// The organization as it is now.
    organization: Option<Organization>,
    /// What changed, in the order in which it was made; empty when everything
    /// was so before.
    changes: Vec<FieldChange>,
    /// Fields that were given and had no effect because you may not set them.
    ignored_fields: Vec<String>,
    /// Of a dry run: whom it would make pending. Null otherwise.
    impact: Option<OptionsImpact>,
    /// Why it was refused: one error for each field that cannot be saved.
    user_errors: Vec<UserError>,
}

impl Payload<Saved> for SaveOrgOptionsPayload {
    fn done(saved: Saved) -> Self {
        Self {
            organization: Some(Organization::of(&saved.organization)),
            changes: saved.changes.into_iter().map(FieldChange::from).collect(),
            ignored_fields: saved.ignored_fields,
            impact: saved.impact.map(OptionsImpact::from),
            user_errors: Vec::new(),
        }
    }

    fn refused(user_errors: Vec<UserError>) -> Self {
        Self {
            organization: None,
            changes: Vec::new(),
            ignored_fields: Vec::new(),
            impact: None,
            user_errors,
        }
    }
}

/// Mutations of options.
#[derive(Default)]
pub struct OptionsMutation;

#[Object]
impl OptionsMutation {
    /// Saves name, slug and options of an organization: everything that is
    /// given, or nothing. Null is refused for every field that does not say
    /// that null clears it.
    ///
    /// Requires org:write.
    async fn save_org_options(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What to save.")] input: SaveOrgOptionsInput,
    ) -> Reply<SaveOrgOptionsPayload> {
        let organization = row_id(&input.organization_id);
        options::save(ctx.app(), ctx.actor(), organization, input.given(ctx))
            .await
            .into_payload()
    }
}
