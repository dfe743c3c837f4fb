//! The people of the demo: who they are and what their identity provider would
//! say of them.

use chrono::{DateTime, Utc};
use entity::{member, organization, user};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde::Serialize;

use super::{COMPANIES, Company};
use crate::{app::App, error::Result};

/// The people whom newcomers sign in as: subject and name. They are the first of
/// the first company.
const KNOWN: [(&str, &str); 3] = [
    ("ann", "Ann Bergström"),
    ("bob", "Bob Oyelaran"),
    ("cara", "Cara Rossi"),
];

/// Somebody of the demo, for whom a newcomer can ask for a token.
#[derive(Clone, Debug, Serialize)]
pub struct Person {
    /// What their token has to name.
    subject: String,
    /// What people call them.
    name: String,
    /// Who they are there.
    note: String,
}

/// The people whom newcomers sign in as, if this database has them: nobody in one
/// without demo data.
///
/// # Errors
/// When the database fails.
pub async fn people(app: &App) -> Result<Vec<Person>> {
    let company = organization::Entity::find()
        .filter(organization::Column::Slug.eq(COMPANIES[0].slug))
        .one(&app.db)
        .await?;
    let Some(company) = company else {
        return Ok(Vec::new());
    };
    let places = member::Entity::within(company.id)
        .find_also_related(user::Entity)
        .filter(user::Column::Issuer.eq(&app.config.auth.issuer))
        .filter(user::Column::Subject.is_in(KNOWN.map(|(subject, _)| subject)))
        .order_by_asc(user::Column::Subject)
        .all(&app.db)
        .await?;
    let people = places.into_iter().filter_map(|(place, person)| {
        let person = person?;
        let role = app.roles.stored(&place.role).name.to_lowercase();
        Some(Person {
            note: format!("{role} of {}", company.name),
            name: person.display_name().to_owned(),
            subject: person.subject,
        })
    });
    Ok(people.collect())
}

/// Given names, family names and how they are put together; where letters are
/// not Latin, with a spelling for addresses.
#[rustfmt::skip]
const NAMES: [(&str, &str, &str); 14] = [
    ("Grace James Chloe Oliver Naomi Samuel Zoe", "Okafor Mensah Carter Bennett Hughes Walsh", "1 2"),
    ("Jürgen Lena Matthias Ute Anselm Käthe Jan", "Müller Weiß Schröder König Fischer Becker", "1 2"),
    ("Hélène François Inès Loïc Margaux Rémi Noémie", "Lefèvre Dubois Moreau Garçon Beaulieu Fontaine", "1 2"),
    ("Íñigo João Lucía Mateus Begoña Tomás Conceição", "Núñez Araújo Ibáñez Gonçalves Peña Muñoz", "1 2"),
    ("Søren Åsa Jógvan Ingrid Øyvind Saga Aino", "Sørensen Lindqvist Strand Virtanen Ødegård Bjørklund", "1 2"),
    ("Łukasz Zuzanna Jiří Ayşe Božena Emre Dilşad", "Nowak Dvořák Yılmaz Kučera Öztürk Żuk", "1 2"),
    ("Ольга=olga Дмитро=dmytro Світлана=svitlana Богдан=bohdan Наталія=nataliia Тарас=taras Ірина=iryna",
     "Коваленко=kovalenko Шевченко=shevchenko Мельник=melnyk Бондаренко=bondarenko Ткаченко=tkachenko Петренко=petrenko", "1 2"),
    ("ნინო=nino გიორგი=giorgi თამარ=tamar ლუკა=luka ანა=ana დავით=davit ეკა=eka",
     "ბერიძე=beridze კაპანაძე=kapanadze გელაშვილი=gelashvili ლომიძე=lomidze ჩხეიძე=chkheidze მაისურაძე=maisuradze", "1 2"),
    ("ليلى=layla عمر=omar فاطمة=fatima يوسف=yusuf مريم=maryam خالد=khalid هدى=huda",
     "حداد=haddad منصور=mansour نصر=nasr خوري=khoury شاهين=shahin قاسم=qasim", "1 2"),
    ("נועה=noa איתי=itai שירה=shira עומר=omer יעל=yael דניאל=daniel מיכל=michal",
     "כהן=cohen לוי=levi מזרחי=mizrahi פרץ=peretz ביטון=biton אדלר=adler", "1 2"),
    ("अनन्या=ananya अर्जुन=arjun प्रिया=priya रोहन=rohan मीरा=meera विक्रम=vikram कविता=kavita",
     "शर्मा=sharma पटेल=patel जोशी=joshi मेहता=mehta राव=rao देसाई=desai", "1 2"),
    ("伟=wei 秀英=xiuying 子涵=zihan 浩然=haoran 静=jing 明哲=mingzhe 雨桐=yutong", "王=wang 李=li 陈=chen 刘=liu 赵=zhao 黄=huang", "21"),
    ("さくら=sakura 健太=kenta 美咲=misaki 翔=sho 陽菜=hina 大輔=daisuke 結衣=yui",
     "佐藤=sato 鈴木=suzuki 高橋=takahashi 田中=tanaka 渡辺=watanabe 伊藤=ito", "2 1"),
    ("민준=minjun 서연=seoyeon 지훈=jihun 하은=haeun 도윤=doyun 수빈=subin 예린=yerin", "김=kim 이=lee 박=park 최=choi 정=jung 강=kang", "21"),
];

/// Subject and name of a person; no two are the same.
pub(super) fn identity(person: usize) -> (String, String) {
    if let Some((subject, name)) = KNOWN.get(person) {
        return ((*subject).into(), (*name).into());
    }
    let (given, family, order) = NAMES[person % NAMES.len()];
    // Seven given and six family names: all pairs come before one comes again.
    let pick = |names: &'static str| {
        let names: Vec<_> = names.split(' ').collect();
        let name = names[person / NAMES.len() % names.len()];
        name.split_once('=')
            .map_or_else(|| (name, slug::slugify(name)), |(name, latin)| (name, latin.into()))
    };
    let ((given, latin_given), (family, latin_family)) = (pick(given), pick(family));
    (
        format!("{latin_given}.{latin_family}"),
        order.replace('1', given).replace('2', family),
    )
}

/// The row of a person who was first seen on joining `company`.
pub(super) fn human(app: &App, company: &Company, person: usize, first_seen: DateTime<Utc>) -> user::ActiveModel {
    let (subject, name) = identity(person);
    // Somebody without an address, and some who spell theirs in capitals.
    let email = (person % 131 != 100).then(|| match person % 29 {
        5 => format!("{}@{}", subject.to_uppercase(), company.domain),
        _ => format!("{subject}@{}", company.domain),
    });
    user::ActiveModel {
        issuer: Set(app.config.auth.issuer.clone()),
        subject: Set(subject),
        name: Set(name),
        email_key: Set(email.as_deref().map(str::to_lowercase)),
        is_email_verified: Set(email.is_some() && person % 23 != 7),
        email: Set(email),
        has_two_factor: Set(person % 3 != 1),
        avatar_url: Set(None),
        is_active: Set(person % 120 != 119),
        date_added: Set(first_seen),
        ..Default::default()
    }
}
