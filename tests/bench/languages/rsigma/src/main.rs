//! Matches records with rsigma: `bench-rsigma <rules folder> <records, one a line> <passes>`.
use std::{collections::BTreeMap, fs, path::Path, time::Instant};

use rsigma_eval::{Engine, event::JsonEvent};
use rsigma_parser::parse_sigma_directory;
use serde_json::{Value, json};

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let text = fs::read_to_string(&arguments[2]).expect("the records");
    let passes: usize = arguments[3].parse().expect("the number of passes");

    let start = Instant::now();
    let collection = parse_sigma_directory(Path::new(&arguments[1])).expect("the rules");
    let refused = collection.errors.len();
    let mut engine = Engine::new();
    engine.add_collection(&collection).expect("rules that compile");
    let load_seconds = start.elapsed().as_secs_f64();

    let mut seconds = Vec::new();
    let mut matches: BTreeMap<String, usize> = BTreeMap::new();
    let mut records = 0;
    for _ in 0..passes {
        matches.clear();
        records = 0;
        let start = Instant::now();
        for line in text.lines() {
            let value: Value = serde_json::from_str(line).expect("a record");
            for found in engine.evaluate(&JsonEvent::borrow(&value)) {
                let id = found.header.rule_id.unwrap_or(found.header.rule_title);
                *matches.entry(id).or_default() += 1;
            }
            records += 1;
        }
        seconds.push(start.elapsed().as_secs_f64());
    }
    println!(
        "{}",
        json!({ "records": records, "refused": refused, "loadSeconds": load_seconds, "seconds": seconds, "matches": matches })
    );
}
