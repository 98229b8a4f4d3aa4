//! A test that the submodules import only from the layers below them, and no files in a circle.
//!
//! It reads the sources, finds the paths that lead into this module, in `use` declarations and elsewhere,
//! and follows them to files. The tests inside the files count as well.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The layers from the lowest to the highest.
const LAYERS: [&str; 8] = ["cpu", "memory", "numbers", "micro", "packing", "product", "convolution", "operations"];

/// The path of a module inside this one, such as `["micro", "block"]`. Each has a file of its own.
type Module = Vec<String>;

/// Reads the sources in `folder`, except for this test.
fn read(folder: &Path, module: &Module, sources: &mut BTreeMap<Module, String>) {
    for entry in fs::read_dir(folder).expect("the folder of the kernels") {
        let path = entry.expect("an entry").path();
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let child = [module.clone(), vec![name.clone()]].concat();
        if path.is_dir() {
            read(&path, &child, sources);
        } else if name != "import_order" {
            let module = if name == "mod" { module.clone() } else { child };
            sources.insert(module, fs::read_to_string(&path).expect("a source"));
        }
    }
}

/// Splits a source into words, `::` and single characters, without comments, strings and spaces.
fn tokens(source: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if first == '"' {
            let mut escaped = false;
            let closing = rest[1..].find(|c| {
                let closes = c == '"' && !escaped;
                escaped = c == '\\' && !escaped;
                closes
            });
            closing.map_or(rest.len(), |closing| closing + 2)
        } else {
            let length = if rest.starts_with("::") { 2 } else { word.max(first.len_utf8()) };
            tokens.extend(Some(&rest[..length]).filter(|_| !first.is_whitespace()));
            length
        };
        rest = &rest[length..];
    }
    tokens
}

/// Reads the paths that a tree such as `a::{b, c::{d, self}}` stands for, from `tokens[*at]` on.
fn read_paths<'a>(tokens: &[&'a str], at: &mut usize, mut path: Vec<&'a str>, paths: &mut Vec<Vec<&'a str>>) {
    loop {
        if tokens[*at] == "{" {
            *at += 1;
            while tokens[*at] != "}" {
                read_paths(tokens, at, path.clone(), paths);
                *at += usize::from(tokens[*at] == ",");
            }
            *at += 1;
            return;
        }
        path.push(tokens[*at]);
        *at += 1;
        if tokens[*at] != "::" {
            break;
        }
        *at += 1;
    }
    if tokens[*at] == "as" {
        *at += 2;
    }
    paths.push(path);
}

/// The modules that the source of `module` imports from.
fn imports(module: &Module, sources: &BTreeMap<Module, String>) -> BTreeSet<Module> {
    let tokens = tokens(&sources[module]);
    let mut imported = BTreeSet::new();
    // The braces that are open, with the module that each belongs to where it is one's.
    let mut open: Vec<Option<&str>> = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let next_is = |token| tokens.get(at + 1) == Some(&token);
        match tokens[at] {
            "{" => open.push((at >= 2 && tokens[at - 2] == "mod").then(|| tokens[at - 1])),
            "}" => drop(open.pop()),
            token if token == "use" || (token == "super" || token == "crate") && next_is("::") => {
                at += usize::from(token == "use");
                let here: Module = module.iter().cloned().chain(open.iter().flatten().map(|s| s.to_string())).collect();
                let mut paths = Vec::new();
                read_paths(&tokens, &mut at, Vec::new(), &mut paths);
                imported.extend(paths.iter().filter_map(|path| destination(path, &here, sources)));
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    imported.remove(module);
    imported
}

/// The module whose file a path leads to that stands in the module `here`; `None` where it leads elsewhere.
fn destination(path: &[&str], here: &Module, sources: &BTreeMap<Module, String>) -> Option<Module> {
    let (mut module, rest) = match path {
        ["crate", "kernels", rest @ ..] => (Module::new(), rest),
        ["super", ..] => {
            let ups = path.iter().take_while(|name| **name == "super").count();
            (here[..here.len().checked_sub(ups)?].to_vec(), &path[ups..])
        }
        [child, ..] if sources.contains_key(&[here.clone(), vec![child.to_string()]].concat()) => (here.clone(), path),
        _ => return None,
    };
    module.extend(rest.iter().map(|name| name.to_string()));
    while !sources.contains_key(&module) {
        module.pop()?;
    }
    Some(module)
}

/// What is wrong with the imports, in a sentence each.
fn complaints(sources: &BTreeMap<Module, String>) -> Vec<String> {
    let mut complaints = Vec::new();
    let layer = |module: &Module| LAYERS.iter().position(|layer| Some(*layer) == module.first().map(String::as_str));
    let mut imports: BTreeMap<_, _> = sources.keys().map(|module| (module, imports(module, sources))).collect();
    for (module, imported) in imports.iter().filter(|(module, _)| !module.is_empty()) {
        if layer(module).is_none() {
            complaints.push(format!("{} belongs to no layer", module.join("::")));
        }
        for other in imported.iter().filter(|other| layer(other) > layer(module)) {
            complaints.push(format!("{} imports from the higher {}", module.join("::"), other.join("::")));
        }
    }
    // Files that import from none of the others, or that none of the others imports from, are in no circle.
    // Without them the same is true of more, until what is left are the circles.
    loop {
        let wanted: BTreeSet<Module> = imports.values().flatten().cloned().collect();
        let before = imports.len();
        imports.retain(|module, imported| !imported.is_empty() && wanted.contains(*module));
        let left: BTreeSet<Module> = imports.keys().map(|module| (*module).clone()).collect();
        imports.values_mut().for_each(|imported| imported.retain(|other| left.contains(other)));
        if imports.len() == before {
            break;
        }
    }
    complaints.extend(imports.keys().map(|module| format!("{} is part of a circle", module.join("::"))));
    complaints
}

#[test]
fn layers_import_only_from_those_below_them_and_no_files_in_a_circle() {
    let mut sources = BTreeMap::new();
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/kernels"), &Module::new(), &mut sources);
    for layer in LAYERS {
        assert!(sources.contains_key(&vec![layer.to_string()]), "there is no source of {layer}");
    }
    assert_eq!(complaints(&sources), Vec::<String>::new());
}

#[test]
fn imports_from_higher_layers_and_in_circles_are_found() {
    let files = [
        ("", "mod cpu;\nmod micro;\npub use micro::{self, tile::Tile};"),
        ("cpu", "use std::sync::{Mutex, OnceLock};\n// use crate::kernels::micro::Tile;"),
        ("micro", "mod tile;\nmod size;\npub use size::WIDTH;"),
        (
            "micro/tile",
            "pub(super) use super::size;\nuse crate::kernels::cpu::Kind as Any;\nmod tests { use super::*; }",
        ),
        ("micro/size", "const WIDTH: usize = \"crate::kernels::micro::tile\".len();"),
    ];
    // The complaints when one of these files has another source.
    let complaints_with = |changed: &str, source: &str| {
        let module = |path: &str| path.split('/').filter(|name| !name.is_empty()).map(str::to_string).collect();
        let sources = files.map(|(path, text)| (module(path), if path == changed { source } else { text }.to_string()));
        complaints(&sources.into_iter().collect())
    };
    assert_eq!(complaints_with("none", ""), Vec::<String>::new());
    for source in [
        "use crate::kernels::{cpu, micro::{self, tile::{Tile}}};",
        "fn f() { super::micro::tile::run() }",
        "mod tests { fn f() { g(super::super::micro::tile::run()) } }",
    ] {
        let complaints = complaints_with("cpu", source);
        assert!(
            complaints.contains(&"cpu imports from the higher micro::tile".to_string()),
            "{source}: {complaints:?}"
        );
    }
    for source in
        ["use super::tile::{Tile};", "pub(super) use super::tile::*;", "mod tests { use super::super::tile::Tile; }"]
    {
        let circle = ["micro::size is part of a circle", "micro::tile is part of a circle"];
        assert_eq!(complaints_with("micro/size", source), circle, "{source}");
    }
    assert_eq!(
        complaints_with("micro/size", "use super::WIDTH;"),
        ["micro is part of a circle", "micro::size is part of a circle"]
    );
}
