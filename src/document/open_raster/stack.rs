//! What `stack.xml` says, as a tree, before any picture is read.

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::archive::quoted;
use super::attribute;
use super::composite_op::CompositeOp;
use super::error::Trouble;
use crate::paint::{LayerError, LayerStack, Rgb};

/// How far elements can lie inside each other; groups are counted again when layers are made of them.
const MAX_DEPTH: usize = 64;
/// How many attributes an element can have.
const MAX_ATTRIBUTES: usize = 200;
/// How far from the canvas a layer can lie, in pixels.
const FARTHEST: f64 = 1e9;

/// The whole of `stack.xml`.
#[derive(Debug)]
pub(super) struct Stack {
    pub width: usize,
    pub height: usize,
    /// The outermost layers and groups, from top to bottom.
    pub nodes: Vec<Node>,
    /// What was left out, each as a sentence.
    pub notes: Vec<String>,
}

/// A layer or a group.
#[derive(Debug)]
pub(super) struct Node {
    pub attributes: Attributes,
    pub content: Content,
}

#[derive(Debug)]
pub(super) enum Content {
    /// A layer, with the name of its picture in the archive.
    Layer(String),
    /// A group: what is in it, from top to bottom.
    Group(Vec<Node>),
}

/// What is said of a layer or a group.
#[derive(Debug)]
pub(super) struct Attributes {
    pub name: String,
    /// Where it lies, counted from what it is in.
    pub place: (i64, i64),
    pub opacity: f32,
    pub visible: bool,
    pub op: CompositeOp,
    pub locked: bool,
    pub selected: bool,
    /// Whether a group is drawn into a picture of its own first.
    pub isolated: bool,
    pub alpha_locked: bool,
    /// Whether it is only for reference, and then whether the painter sees it.
    pub reference: Option<bool>,
    pub is_clip_group: bool,
    /// Whether it is clipped although there is nothing below.
    pub is_clipped: bool,
    pub paper: Option<Rgb>,
}

/// Reads `stack.xml`.
pub(super) fn read(xml: &[u8]) -> Result<Stack, Trouble> {
    let damaged = || Trouble::damaged("its list of layers (stack.xml) is damaged");
    let text = std::str::from_utf8(xml).map_err(|_| damaged())?;
    let mut reader = Reader::from_str(text.trim_start_matches('\u{feff}'));
    reader.config_mut().expand_empty_elements = true;
    let mut parser = Parser::default();
    loop {
        match reader.read_event() {
            Ok(Event::Start(element)) => parser.start(&element)?,
            Ok(Event::End(_)) => parser.end(),
            Ok(Event::Eof) => break,
            // Entities are declared there; nothing here needs any.
            Ok(Event::DocType(_)) => return Err(Trouble::damaged("its list of layers (stack.xml) declares entities")),
            Ok(_) => {}
            Err(_) => return Err(damaged()),
        }
    }
    if !parser.open.is_empty() {
        return Err(damaged());
    }
    parser.stack.ok_or_else(|| Trouble::damaged("its list of layers (stack.xml) does not list any"))
}

/// An element that has begun and not ended.
enum Open {
    Image,
    /// The outermost group, which stands for the whole picture.
    Root(Vec<Node>),
    Group(Attributes, Vec<Node>),
    /// Anything else.
    Other,
}

#[derive(Default)]
struct Parser {
    open: Vec<Open>,
    size: Option<(usize, usize)>,
    stack: Option<Stack>,
    notes: Vec<String>,
    layers: usize,
}

impl Parser {
    fn start(&mut self, element: &BytesStart<'_>) -> Result<(), Trouble> {
        if self.open.len() >= MAX_DEPTH {
            return Err(LayerError::TooDeep.into());
        }
        let is_in_list = matches!(self.open.last(), Some(Open::Root(_) | Open::Group(..)));
        let opened = match (element.name().as_ref(), self.open.last()) {
            (b"image", None) => {
                self.size = Some(size(&pairs(element)?)?);
                Open::Image
            }
            (b"stack", Some(Open::Image)) if self.stack.is_none() => Open::Root(Vec::new()),
            (b"stack", _) if is_in_list => {
                self.count()?;
                Open::Group(self.attributes(&pairs(element)?), Vec::new())
            }
            (b"layer", _) if is_in_list => {
                self.layer(&pairs(element)?)?;
                Open::Other
            }
            (name @ (b"text" | b"filter"), _) if is_in_list => {
                let what = if name == b"text" { "A text layer" } else { "A filter layer" };
                self.note(format!("{what} was left out, because this program has none."));
                Open::Other
            }
            _ => Open::Other,
        };
        self.open.push(opened);
        Ok(())
    }

    fn end(&mut self) {
        match self.open.pop() {
            Some(Open::Group(attributes, nodes)) => self.add(Node { attributes, content: Content::Group(nodes) }),
            Some(Open::Root(nodes)) => {
                let (width, height) = self.size.unwrap_or_default();
                let notes = std::mem::take(&mut self.notes);
                self.stack = Some(Stack { width, height, nodes, notes });
            }
            _ => {}
        }
    }

    fn layer(&mut self, pairs: &Pairs) -> Result<(), Trouble> {
        let attributes = self.attributes(pairs);
        let source = get(pairs, "src").unwrap_or_default().to_owned();
        let is_vector = source.rsplit_once('.').is_some_and(|(_, ending)| ending.eq_ignore_ascii_case("svg"));
        if is_vector {
            self.note(format!("The vector layer {} was left out.", quoted(&attributes.name)));
            return Ok(());
        }
        self.count()?;
        self.add(Node { attributes, content: Content::Layer(source) });
        Ok(())
    }

    fn add(&mut self, node: Node) {
        if let Some(Open::Root(nodes) | Open::Group(_, nodes)) = self.open.last_mut() {
            nodes.push(node);
        }
    }

    fn count(&mut self) -> Result<(), Trouble> {
        self.layers += 1;
        // The paper's layer is none afterwards.
        if self.layers > LayerStack::MAX_LAYERS + 1 { Err(LayerError::TooMany.into()) } else { Ok(()) }
    }

    fn note(&mut self, note: String) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    fn attributes(&mut self, pairs: &Pairs) -> Attributes {
        let name = get(pairs, "name").unwrap_or_default().to_owned();
        let said = get(pairs, "composite-op").unwrap_or_default();
        let mut op = CompositeOp::read(said).unwrap_or_else(|| {
            let (said, name) = (quoted(said), quoted(&name));
            self.note(format!("The blend mode {said} is not known here, so the layer {name} is drawn as Normal."));
            CompositeOp { blend: Default::default(), is_atop: false }
        });
        op.is_atop |= is_true(pairs, attribute::ALPHA_PRESERVE);
        let opacity = get(pairs, "opacity").and_then(|text| text.trim().parse::<f32>().ok());
        Attributes {
            place: (whole(get(pairs, "x")), whole(get(pairs, "y"))),
            opacity: opacity.filter(|opacity| !opacity.is_nan()).map_or(1.0, |opacity| opacity.clamp(0.0, 1.0)),
            visible: get(pairs, "visibility") != Some("hidden"),
            op,
            locked: is_true(pairs, attribute::EDIT_LOCKED),
            selected: is_true(pairs, attribute::SELECTED),
            isolated: get(pairs, "isolation") == Some("isolate"),
            alpha_locked: is_true(pairs, attribute::ALPHA_LOCKED),
            reference: get(pairs, attribute::REFERENCE).map(|value| value == "visible"),
            is_clip_group: is_true(pairs, attribute::CLIP_GROUP),
            is_clipped: is_true(pairs, attribute::CLIPPED),
            paper: get(pairs, attribute::PAPER).and_then(Rgb::from_hex),
            name,
        }
    }
}

/// The attributes of an element with their values.
type Pairs = Vec<(String, String)>;

fn pairs(element: &BytesStart<'_>) -> Result<Pairs, Trouble> {
    let damaged = || Trouble::damaged("its list of layers (stack.xml) is damaged");
    let mut pairs = Vec::new();
    // The library would compare each name with all others.
    for pair in element.attributes().with_checks(false) {
        if pairs.len() >= MAX_ATTRIBUTES {
            return Err(damaged());
        }
        let pair = pair.map_err(|_| damaged())?;
        let value = pair.normalized_value(XmlVersion::Implicit1_0).map_err(|_| damaged())?;
        pairs.push((String::from_utf8_lossy(pair.key.as_ref()).into_owned(), value.into_owned()));
    }
    Ok(pairs)
}

fn get<'a>(pairs: &'a Pairs, name: &str) -> Option<&'a str> {
    pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

fn is_true(pairs: &Pairs, name: &str) -> bool {
    matches!(get(pairs, name), Some("true" | "1"))
}

/// A place in pixels. Some programs write `12.0`.
fn whole(text: Option<&str>) -> i64 {
    let value = text.and_then(|text| text.trim().parse::<f64>().ok()).filter(|value| !value.is_nan());
    value.unwrap_or(0.0).clamp(-FARTHEST, FARTHEST) as i64
}

fn size(pairs: &Pairs) -> Result<(usize, usize), Trouble> {
    let side = |name| {
        let side = get(pairs, name).and_then(|text| text.trim().parse::<usize>().ok());
        side.ok_or_else(|| Trouble::damaged("it does not say how large it is"))
    };
    Ok((side("w")?, side("h")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(xml: &str) -> String {
        read(xml.as_bytes()).expect_err("refused").of("x.ora").to_string()
    }

    #[test]
    fn attributes_that_are_missing_or_nonsense_are_the_usual_ones() {
        let xml = "<image w='3' h='4'><stack><layer src='a' opacity='NaN' x='1e99' y='-2.0'/><layer src='b' \
                   opacity='7' x='nan' composite-op='x:y' name='&lt;&amp;&#x41;'/></stack></image>";
        let stack = read(xml.as_bytes()).expect("reads");
        let [first, second] = stack.nodes.as_slice() else { panic!("two layers") };
        assert_eq!((first.attributes.opacity, first.attributes.place), (1.0, (1_000_000_000, -2)));
        assert_eq!((second.attributes.opacity, second.attributes.place), (1.0, (0, 0)));
        assert!(first.attributes.visible && second.attributes.name == "<&A");
        assert_eq!(stack.notes, ["The blend mode “x:y” is not known here, so the layer “<&A” is drawn as Normal."]);
    }

    #[test]
    fn xml_that_is_damaged_or_hostile_is_refused() {
        for (xml, expected) in [
            ("", "does not list any"),
            ("<image w='1' h='1'/>", "does not list any"),
            ("<stack><layer src='a'/></stack>", "does not list any"),
            ("<image w='1' h='1'><stack>", "is damaged"),
            ("<image w='1' h='1'><stack></image></stack>", "is damaged"),
            ("<image w='1' h='1'><stack><layer name='&bomb;'/></stack></image>", "is damaged"),
            ("<!DOCTYPE image [<!ENTITY a 'aaaa'>]><image w='1' h='1'><stack/></image>", "declares entities"),
            ("<image h='1'><stack/></image>", "does not say how large"),
            ("<image w='-1' h='1'><stack/></image>", "does not say how large"),
            ("<image w='99999999999999999999999' h='1'><stack/></image>", "does not say how large"),
        ] {
            let text = reason(xml);
            assert!(text.contains(expected) && text.contains("x.ora"), "{xml}: {text}");
        }
        let deep = format!("<image w='1' h='1'>{}", "<stack>".repeat(100_000));
        assert!(reason(&deep).contains("groups can lie inside each other"), "{}", reason(&deep));
        let many = format!("<image w='1' h='1'><stack>{}</stack></image>", "<layer src='a'/>".repeat(5000));
        assert!(reason(&many).contains("1000 layers at most"), "{}", reason(&many));
        let wide = format!("<image w='1' h='1'><stack><layer {}/></stack></image>", "a='' ".repeat(1_000_000));
        assert!(reason(&wide).contains("is damaged"));
        assert!(read(b"\xff\xfe<\0").is_err());
    }
}
