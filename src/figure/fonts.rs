//! The fonts of figures: those that the program carries, and where they lack a character one of the system's.
//!
//! ```text
//!   text ─▶ runs by direction ─▶ runs by font: Ubuntu, Hack, Noto Emoji, icons, the system's ─▶ a text element each
//! ```
//!
//! What the program's own fonts cover looks the same on every machine. The system is asked only for characters
//! that they lack, each once. A character that no font has is drawn as an empty box, and told.

use std::{
    collections::HashMap,
    sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError},
};

use fontique::{
    Collection, CollectionOptions, FallbackKey, GenericFamily, Language, QueryFamily, QueryFont,
    QueryStatus, Script, SourceCache,
};
use resvg::usvg::{self, fontdb};
use skrifa::{FontRef, MetadataProvider};
use unicode_bidi::{BidiInfo, Level};
use unicode_script::UnicodeScript;

use crate::escape::escaped;

/// The family of the first font, with others for viewers that lack it.
pub(super) const FAMILY: &str = "Ubuntu, 'Ubuntu Light', 'Segoe UI', 'Helvetica Neue', sans-serif";

/// The fonts that the program carries, the first one that has a character first.
const OWN: [&[u8]; 4] = [
    epaint_default_fonts::UBUNTU_LIGHT,
    epaint_default_fonts::HACK_REGULAR,
    epaint_default_fonts::NOTO_EMOJI_REGULAR,
    epaint_default_fonts::EMOJI_ICON,
];

/// A part of a text that one font sets, in the order in which it is seen from the left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Run {
    /// What it says, in the order in which it is read.
    pub text: String,
    /// The font, as a number that [`family`] takes; 0 is the usual one.
    pub font: usize,
}

/// The parts of a text, in the order in which they are seen.
pub(super) fn runs(text: &str) -> Vec<Run> {
    // What turns the direction of a text is written out, and turns nothing.
    let text = &escaped(text)[..];
    let mut fonts = FONTS.lock();
    let is_usual = |c: char| c.is_ascii() || fonts.own_only(c) == Some(0);
    if text.chars().all(is_usual) {
        return vec![Run { text: text.to_owned(), font: 0 }];
    }
    let bidi = BidiInfo::new(text, Some(Level::ltr()));
    let mut found = Vec::new();
    for paragraph in &bidi.paragraphs {
        let (levels, ranges) = bidi.visual_runs(paragraph, paragraph.range.clone());
        for range in ranges {
            let mut parts = fonts.split(&text[range.clone()]);
            if levels[range.start].is_rtl() {
                parts.reverse();
            }
            found.append(&mut parts);
        }
    }
    found
}

/// The family of a font, as SVG names it.
pub(super) fn family(font: usize) -> String {
    if font == 0 {
        return FAMILY.to_owned();
    }
    let fonts = FONTS.lock();
    let name = fonts.faces.get(font).map_or("Ubuntu", |face| face.family.as_str());
    format!("'{}'", name.replace(['\'', '\\', '<', '&', '"'], " "))
}

/// The characters of a text that no font has.
pub(super) fn missing(text: &str) -> Vec<char> {
    let mut fonts = FONTS.lock();
    escaped(text)
        .chars()
        .filter(|c| !joins(*c) && !c.is_whitespace() && fonts.of(*c).is_none())
        .collect()
}

/// Options with which `usvg` reads a figure: the program's own fonts, and those of the system that a text has needed
/// so far, by their names.
pub fn font_options() -> usvg::Options<'static> {
    usvg::Options {
        font_family: "Ubuntu".to_owned(),
        fontdb: Arc::clone(&FONTS.lock().database),
        ..usvg::Options::default()
    }
}

/// Fonts that were read so far.
struct Fonts {
    database: Arc<fontdb::Database>,
    faces: Vec<Face>,
    /// Which font has a character, for those that were asked for.
    known: HashMap<char, Option<usize>>,
    /// Once one was needed.
    system: Option<(Collection, SourceCache)>,
}

struct Face {
    family: String,
    bytes: Bytes,
    index: u32,
}

type Bytes = Arc<dyn AsRef<[u8]> + Send + Sync>;

struct Shared(LazyLock<Mutex<Fonts>>);

static FONTS: Shared = Shared(LazyLock::new(|| Mutex::new(Fonts::own())));

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Fonts> {
        // What was read before a panic is whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Fonts {
    fn own() -> Self {
        let mut fonts = Self {
            database: Arc::default(),
            faces: Vec::new(),
            known: HashMap::new(),
            system: None,
        };
        for bytes in OWN {
            fonts.add(Arc::new(bytes), 0);
        }
        let database = Arc::make_mut(&mut fonts.database);
        database.set_serif_family("Ubuntu");
        database.set_sans_serif_family("Ubuntu");
        fonts
    }

    /// Adds a font, and says which number it has.
    fn add(&mut self, bytes: Bytes, index: u32) -> Option<usize> {
        let database = Arc::make_mut(&mut self.database);
        let ids = database.load_font_source(fontdb::Source::Binary(Arc::clone(&bytes)));
        let of_index =
            |id: &&fontdb::ID| database.face(**id).is_some_and(|face| face.index == index);
        let id = *ids.iter().find(of_index)?;
        // Others of the same file could be taken for it.
        for other in ids.iter().filter(|other| **other != id) {
            database.remove_face(*other);
        }
        let family = database.face(id)?.families.first()?.0.clone();
        self.faces.push(Face { family, bytes, index });
        Some(self.faces.len() - 1)
    }

    /// The font among those that were read that has a character.
    fn own_only(&self, c: char) -> Option<usize> {
        self.faces.iter().position(|face| face.has(c))
    }

    /// The font that has a character, if there is one.
    fn of(&mut self, c: char) -> Option<usize> {
        if let Some(known) = self.known.get(&c) {
            return *known;
        }
        let found = self.own_only(c).or_else(|| self.of_system(c));
        self.known.insert(c, found);
        found
    }

    fn of_system(&mut self, c: char) -> Option<usize> {
        let (collection, cache) = self.system.get_or_insert_with(|| {
            let options = CollectionOptions { shared: false, system_fonts: true };
            (Collection::new(options), SourceCache::default())
        });
        let found = find(collection, cache, c)?;
        let (bytes, _) = found.blob.into_raw_parts();
        log::debug!("a font of the system is taken for {c:?}");
        self.add(bytes, found.index)
    }

    /// The parts of a text of one direction by fonts.
    fn split(&mut self, text: &str) -> Vec<Run> {
        let mut found: Vec<Run> = Vec::new();
        for c in text.chars() {
            let before = found.last().map(|run| run.font);
            let stays = before.is_some_and(|font| {
                joins(c) || (c == ' ' && self.faces.get(font).is_some_and(|face| face.has(c)))
            });
            let font = before.filter(|_| stays).unwrap_or_else(|| self.of(c).unwrap_or(0));
            match found.last_mut() {
                Some(run) if run.font == font => run.text.push(c),
                _ => found.push(Run { text: c.to_string(), font }),
            }
        }
        found
    }
}

impl Face {
    fn has(&self, c: char) -> bool {
        let bytes = (*self.bytes).as_ref();
        FontRef::from_index(bytes, self.index).is_ok_and(|font| has_outline(&font, c))
    }
}

/// Whether a font draws a character with lines: an image of it has no place in a drawing.
fn has_outline(font: &FontRef<'_>, c: char) -> bool {
    let glyph = font.charmap().map(c).filter(|glyph| *glyph != skrifa::GlyphId::NOTDEF);
    glyph.is_some_and(|glyph| font.outline_glyphs().get(glyph).is_some())
}

/// Whether a character belongs to the one before it: joiners, variations, accents, colours of skin.
fn joins(c: char) -> bool {
    matches!(c,
        '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}'
        | '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{20d0}'..='\u{20ff}'
        | '\u{1f3fb}'..='\u{1f3ff}')
}

/// A font of the system that has a character.
fn find(collection: &mut Collection, cache: &mut SourceCache, c: char) -> Option<QueryFont> {
    let script = c.script();
    let key = Script::parse(script.short_name()).ok();
    // A font for the letters of Chinese, Japanese and Korean is one for a language.
    let languages: &[&str] =
        if script == unicode_script::Script::Han { &["zh-SG", "zh-TW", "ja", "ko"] } else { &[] };
    let languages = languages.iter().map(|language| Language::parse(language).ok());
    for language in std::iter::once(None).chain(languages) {
        let mut query = collection.query(cache);
        let families = [
            GenericFamily::SansSerif,
            GenericFamily::SystemUi,
            GenericFamily::Math,
            GenericFamily::Serif,
        ];
        query.set_families(families.map(QueryFamily::Generic));
        if let Some(key) = key {
            query.set_fallbacks(FallbackKey::new(key, language.as_ref()));
        }
        let found = first_with(&mut query, c);
        if found.is_some() {
            return found;
        }
    }
    // No rule names one: any that has it.
    let mut names: Vec<String> = collection.family_names().map(str::to_owned).collect();
    names.sort_unstable();
    names.into_iter().find_map(|name| {
        let mut query = collection.query(cache);
        query.set_families([QueryFamily::Named(&name)]);
        first_with(&mut query, c)
    })
}

fn first_with(query: &mut fontique::Query<'_>, c: char) -> Option<QueryFont> {
    let mut found = None;
    query.matches_with(|font| {
        let bytes = font.blob.as_ref();
        if FontRef::from_index(bytes, font.index).is_ok_and(|font| has_outline(&font, c)) {
            found = Some(font.clone());
            QueryStatus::Stop
        } else {
            QueryStatus::Continue
        }
    });
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_split_by_the_fonts_that_have_them() {
        let of =
            |text: &str| runs(text).into_iter().map(|run| (run.text, run.font)).collect::<Vec<_>>();
        assert_eq!(of("σ = 10²"), [("σ = 10²".to_owned(), 0)]);
        let mixed = of("‖x‖⁻ 🔭");
        let said: String = mixed.iter().map(|(text, _)| text.as_str()).collect();
        assert_eq!(said, "‖x‖⁻ 🔭");
        let fonts: Vec<usize> = mixed.iter().map(|(_, font)| *font).collect();
        assert_eq!(fonts, [1, 0, 1, 2], "{mixed:?}");
        assert_eq!(missing("σ‖🔭"), Vec::<char>::new());
        // A character that will never be one.
        assert_eq!(missing("a\u{378}"), ['\u{378}']);
    }

    #[test]
    fn names_of_families_cannot_break_out_of_a_drawing() {
        assert!((1..OWN.len()).all(|font| !family(font).contains(['<', '&', '"'])));
    }
}
