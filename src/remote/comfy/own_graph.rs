//! A graph that a person exported from ComfyUI, with the inputs that this program fills in.

use serde_json::{Map, Value, json};

/// A graph in ComfyUI's API format. Nodes whose title begins with `underpaint` say what is filled in: `underpaint prompt`,
/// or several at once, as in `underpaint: seed, steps, strength`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnGraph {
    nodes: Map<String, Value>,
    /// What is filled in where: the name, the node and its input.
    bound: Vec<(Filled, String, String)>,
    result: String,
}

/// What can be filled in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Filled {
    Prompt,
    Negative,
    Canvas,
    Mask,
    Seed,
    Strength,
    Steps,
    Cfg,
    Width,
    Height,
}

/// Each with its name in titles and the inputs that it can be, the likeliest first.
const TABLE: [(Filled, &str, &[&str]); 10] = [
    (Filled::Prompt, "prompt", &["text", "value", "string", "prompt"]),
    (Filled::Negative, "negative", &["text", "value", "string", "prompt"]),
    (Filled::Canvas, "canvas", &["image"]),
    (Filled::Mask, "mask", &["image"]),
    (Filled::Seed, "seed", &["noise_seed", "seed", "value"]),
    (Filled::Strength, "strength", &["denoise", "strength", "value"]),
    (Filled::Steps, "steps", &["steps", "value"]),
    (Filled::Cfg, "cfg", &["cfg", "value"]),
    (Filled::Width, "width", &["width", "value"]),
    (Filled::Height, "height", &["height", "value"]),
];

/// What is filled into a graph for one picture.
pub(super) struct GraphInputs {
    pub prompt: String,
    pub negative: String,
    pub seed: i64,
    pub strength: f64,
    pub steps: usize,
    pub cfg_scale: f64,
    pub width: usize,
    pub height: usize,
    /// The start picture, by the name under which the server kept it.
    pub canvas: Option<String>,
    pub mask: Option<String>,
}

impl OwnGraph {
    /// Reads an exported graph.
    ///
    /// # Errors
    /// What is wrong with it, as one sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let value: Value = serde_json::from_str(text).map_err(|_| "The graph is not JSON.".to_owned())?;
        let Value::Object(nodes) = value else { return Err("The graph is not a list of nodes.".into()) };
        let is_node = |node: &Value| node["class_type"].is_string() && node["inputs"].is_object();
        if nodes.is_empty() || !nodes.values().all(is_node) {
            return Err(
                "This is not a graph in ComfyUI's API format. Export it there with Workflow, Export (API).".into()
            );
        }
        let mut bound = Vec::new();
        let mut result = None;
        for (id, node) in &nodes {
            for name in names_in(node["_meta"]["title"].as_str().unwrap_or_default()) {
                if name == "result" {
                    result = Some(id.clone());
                    continue;
                }
                let known: Vec<&str> = TABLE.iter().map(|row| row.1).collect();
                let Some((filled, _, inputs)) = TABLE.iter().find(|row| row.1 == name) else {
                    let known = known.join(", ");
                    return Err(format!("No input is called {name}. Titles can name {known} and result."));
                };
                let has = |input: &&&str| node["inputs"].get(**input).is_some();
                let Some(input) = inputs.iter().find(has) else {
                    let class = node["class_type"].as_str().unwrap_or_default();
                    return Err(format!("The node {id} ({class}) has no input for {name}."));
                };
                bound.push((*filled, id.clone(), (*input).to_owned()));
            }
        }
        let shows = |node: &Value| matches!(node["class_type"].as_str(), Some("SaveImage" | "PreviewImage"));
        let result = result.or_else(|| nodes.iter().find(|(_, node)| shows(node)).map(|(id, _)| id.clone()));
        let result = result
            .ok_or("The graph has no node that saves or shows a picture; add one or title it underpaint result.")?;
        if bound.is_empty() {
            return Err(
                "No node of the graph has a title such as underpaint prompt, so nothing could be filled in.".into()
            );
        }
        Ok(Self { nodes, bound, result })
    }

    /// The node whose picture is the result.
    pub(super) fn result(&self) -> &str {
        &self.result
    }

    /// Whether the graph takes the start picture.
    pub(super) fn takes_canvas(&self) -> bool {
        self.has(Filled::Canvas)
    }

    /// Whether the graph takes a mask.
    pub(super) fn takes_mask(&self) -> bool {
        self.has(Filled::Mask)
    }

    fn has(&self, wanted: Filled) -> bool {
        self.bound.iter().any(|(filled, ..)| *filled == wanted)
    }

    /// The graph for one picture.
    ///
    /// # Errors
    /// A picture that the graph takes and that is not there, as one sentence.
    pub(super) fn filled(&self, inputs: &GraphInputs) -> Result<Value, String> {
        let mut nodes = self.nodes.clone();
        for (filled, id, input) in &self.bound {
            let value = match filled {
                Filled::Prompt => json!(inputs.prompt),
                Filled::Negative => json!(inputs.negative),
                Filled::Seed => json!(inputs.seed),
                Filled::Strength => json!(inputs.strength),
                Filled::Steps => json!(inputs.steps),
                Filled::Cfg => json!(inputs.cfg_scale),
                Filled::Width => json!(inputs.width),
                Filled::Height => json!(inputs.height),
                Filled::Canvas => json!(inputs.canvas.as_ref().ok_or("The graph takes a start picture; give one.")?),
                Filled::Mask => json!(inputs.mask.as_ref().ok_or("The graph takes a mask; give one.")?),
            };
            if let Some(node) = nodes.get_mut(id) {
                node["inputs"][input] = value;
            }
        }
        Ok(Value::Object(nodes))
    }
}

/// The names in a title: after `underpaint`, parted by commas or spaces.
fn names_in(title: &str) -> Vec<String> {
    let title = title.trim().to_lowercase();
    let Some(rest) = title.strip_prefix("underpaint") else { return Vec::new() };
    let words = rest.split(|c: char| c == ',' || c == ':' || c.is_whitespace());
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph() -> Value {
        json!({
            "3": {"class_type": "KSampler", "inputs": {"seed": 1, "steps": 20, "denoise": 1.0, "cfg": 8, "model": ["4", 0]},
                "_meta": {"title": "Underpaint: seed, steps, strength"}},
            "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "a"}, "_meta": {"title": "Load"}},
            "6": {"class_type": "CLIPTextEncode", "inputs": {"text": "old"}, "_meta": {"title": "underpaint prompt"}},
            "9": {"class_type": "SaveImage", "inputs": {"images": ["8", 0]}},
            "10": {"class_type": "LoadImage", "inputs": {"image": "x.png"}, "_meta": {"title": "underpaint canvas"}}
        })
    }

    fn inputs(canvas: Option<&str>) -> GraphInputs {
        GraphInputs {
            prompt: "an apple".into(),
            negative: String::new(),
            seed: 42,
            strength: 0.5,
            steps: 12,
            cfg_scale: 7.0,
            width: 64,
            height: 64,
            canvas: canvas.map(str::to_owned),
            mask: None,
        }
    }

    #[test]
    fn named_inputs_are_filled_in_and_all_else_stays() {
        let own = OwnGraph::parse(&graph().to_string()).expect("a graph");
        assert_eq!((own.result(), own.takes_canvas(), own.takes_mask()), ("9", true, false));
        let filled = own.filled(&inputs(Some("c.png"))).expect("filled");
        assert_eq!((&filled["3"]["inputs"]["seed"], &filled["3"]["inputs"]["denoise"]), (&json!(42), &json!(0.5)));
        assert_eq!(
            (&filled["6"]["inputs"]["text"], &filled["10"]["inputs"]["image"]),
            (&json!("an apple"), &json!("c.png"))
        );
        assert_eq!((&filled["3"]["inputs"]["cfg"], &filled["3"]["inputs"]["model"]), (&json!(8), &json!(["4", 0])));
        assert!(own.filled(&inputs(None)).expect_err("no picture").contains("start picture"));
    }

    #[test]
    fn what_is_no_graph_is_refused_with_what_to_do() {
        let mut unknown = graph();
        unknown["6"]["_meta"]["title"] = json!("underpaint hat");
        let mut wrong = graph();
        wrong["4"]["_meta"]["title"] = json!("underpaint seed");
        let mut no_result = graph();
        no_result.as_object_mut().expect("nodes").remove("9");
        for (text, word) in [
            ("{", "not JSON"),
            ("[1]", "list of nodes"),
            (r#"{"nodes": [], "links": []}"#, "Export (API)"),
            ("{}", "Export (API)"),
            (r#"{"1": {"class_type": "SaveImage", "inputs": {}}}"#, "underpaint prompt"),
            (&unknown.to_string(), "called hat"),
            (&wrong.to_string(), "no input for seed"),
            (&no_result.to_string(), "saves or shows"),
        ] {
            let error = OwnGraph::parse(text).expect_err(text);
            assert!(error.contains(word) && error.ends_with('.'), "{error}");
        }
    }
}
