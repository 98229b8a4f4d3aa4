//! ComfyUI's settings: a graph of nodes, keyed by their numbers, whose inputs are values or links to
//! other nodes.

use serde_json::{Map, Value};

use super::Parameters;

/// A chain of links is followed no further than this, so that a circle ends.
const LONGEST_CHAIN: usize = 64;

/// Reads a graph; `None` where the object is none, or has no sampler.
pub(super) fn read(object: &Map<String, Value>) -> Option<Parameters> {
    let graph = Graph(object);
    let samplers: Vec<Node> = graph.nodes().filter(|node| node.kind.starts_with("KSampler")).collect();
    // With several passes, the first begins with an empty or a loaded picture and not with another pass.
    let is_first = |node: &&Node| {
        let before = graph.chain(node, "latent_image", &["samples", "latent_image", "latent"]);
        !before.iter().any(|before| before.kind.starts_with("KSampler"))
    };
    let sampler = samplers.iter().find(is_first).or(samplers.first())?;
    let mut read = Parameters {
        prompt: graph.prompt(sampler, "positive"),
        negative: graph.prompt(sampler, "negative"),
        ..Parameters::default()
    };
    let mut add = |name: &str, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            read.fields.push((name.to_owned(), value));
        }
    };
    let setting = |names: &[&str]| names.iter().find_map(|name| graph.value(sampler, name));
    add("Steps", setting(&["steps"]));
    add("Sampler", setting(&["sampler_name"]));
    add("Schedule type", setting(&["scheduler"]));
    add("CFG scale", setting(&["cfg"]));
    add("Seed", setting(&["seed", "noise_seed"]));
    let latents = graph.chain(sampler, "latent_image", &["samples", "latent"]);
    if let Some(empty) = latents.iter().find(|node| node.kind.starts_with("Empty")) {
        let sides = graph.value(empty, "width").zip(graph.value(empty, "height"));
        add("Size", sides.map(|(width, height)| format!("{width}x{height}")));
    } else if !latents.is_empty() {
        add("Denoising strength", setting(&["denoise"]));
    }
    // ComfyUI draws its noise on the CPU.
    add("RNG", Some("CPU".into()));
    let models = graph.chain(sampler, "model", &["model"]);
    add("Model", models.iter().find_map(|node| graph.value(node, "ckpt_name")).map(|name| stem(&name)));
    let clip = graph.conditioning(sampler, "positive").map(|node| graph.chain(&node, "clip", &["clip"]));
    let last_layer = clip.iter().flatten().find_map(|node| graph.value(node, "stop_at_clip_layer"));
    add("Clip skip", last_layer.and_then(|layer| layer.strip_prefix('-').map(str::to_owned)));
    if samplers.len() > 1 {
        add("Passes", Some(samplers.len().to_string()));
    }
    // What AUTOMATIC1111 says in the prompt are nodes here.
    for lora in models.iter().filter(|node| node.kind.starts_with("LoraLoader")) {
        if let Some(name) = graph.value(lora, "lora_name") {
            let strength = graph.value(lora, "strength_model").unwrap_or_else(|| "1".into());
            read.prompt.push_str(&format!(" <lora:{}:{strength}>", stem(&name)));
        }
    }
    Some(read)
}

/// A node's number, kind and inputs.
#[derive(Clone, Copy)]
struct Node<'a> {
    kind: &'a str,
    inputs: &'a Map<String, Value>,
}

struct Graph<'a>(&'a Map<String, Value>);

impl<'a> Graph<'a> {
    fn nodes(&self) -> impl Iterator<Item = Node<'a>> {
        self.0.values().filter_map(node)
    }

    /// The node that an input is linked to: `["number", output]`.
    fn linked(&self, from: &Node<'a>, input: &str) -> Option<Node<'a>> {
        let link = from.inputs.get(input)?.as_array()?.first()?;
        let number = link.as_str().map(str::to_owned).or_else(|| link.as_u64().map(|number| number.to_string()))?;
        node(self.0.get(&number)?)
    }

    /// The nodes that an input hangs on: first along `input`, from there along the first of `further` that
    /// each node has.
    fn chain(&self, from: &Node<'a>, input: &str, further: &[&str]) -> Vec<Node<'a>> {
        let mut found = Vec::new();
        let mut next = self.linked(from, input);
        while let Some(node) = next.filter(|_| found.len() < LONGEST_CHAIN) {
            next = further.iter().find_map(|input| self.linked(&node, input));
            found.push(node);
        }
        found
    }

    /// A number or text of an input, or of the node that gives it.
    fn value(&self, from: &Node<'a>, input: &str) -> Option<String> {
        if let Some(value) = from.inputs.get(input).and_then(scalar) {
            return Some(value);
        }
        let giver = self.chain(from, input, &[input, "value", "text", "string", "seed"]);
        giver.iter().find_map(|node| {
            [input, "value", "text", "string", "String", "seed", "int", "float", "number"]
                .iter()
                .find_map(|name| node.inputs.get(*name).and_then(scalar))
        })
    }

    /// The node that reads the words of one side, behind whatever changes its conditioning on the way.
    fn conditioning(&self, sampler: &Node<'a>, side: &str) -> Option<Node<'a>> {
        let chain = self.chain(sampler, side, &[side, "conditioning", "conditioning_1", "conditioning_to"]);
        chain.into_iter().find(|node| node.inputs.contains_key("text") || node.inputs.contains_key("text_g"))
    }

    fn prompt(&self, sampler: &Node<'a>, side: &str) -> String {
        let Some(node) = self.conditioning(sampler, side) else { return String::new() };
        let text = ["text", "text_g"].iter().find_map(|input| self.value(&node, input)).unwrap_or_default();
        // Textual inversions are plain words here.
        text.trim().replace("embedding:", "")
    }
}

fn node(value: &Value) -> Option<Node<'_>> {
    Some(Node { kind: value.get("class_type")?.as_str()?, inputs: value.get("inputs")?.as_object()? })
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A file's name without folders, which may be Windows', and without its ending.
fn stem(path: &str) -> String {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    match name.rsplit_once('.') {
        Some((stem, ending)) if ["safetensors", "ckpt", "pt", "pth", "bin"].contains(&ending) => stem.to_owned(),
        _ => name.to_owned(),
    }
}
