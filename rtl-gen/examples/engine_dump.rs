//! Writes the engine of up5k into a folder.
use deku_rtlgen::ast::Design;
use deku_rtlgen::blocks::{engine, ram, shape::EngineShape};
fn main() {
    let dir = std::env::args().nth(1).expect("folder");
    let slices: u32 = std::env::args().nth(2).map_or(1, |s| s.parse().unwrap());
    let pairs: u32 = std::env::args().nth(3).map_or(8, |s| s.parse().unwrap());
    let s = EngineShape {
        words: 4096 * slices,
        slices,
        list_entries: 2048,
        hidden_entries: 512,
        code_words: 128,
        mask_words: 512,
        max_classes: 64,
        mac_pairs: pairs,
        acc_bits: if pairs > 0 { 15 } else { 16 },
    };
    for m in engine::engine_modules(&s) {
        std::fs::write(format!("{dir}/{}.v", m.name()), m.to_verilog()).unwrap();
    }
    let _ = (Design::new(), ram::interface(16, 64));
}
