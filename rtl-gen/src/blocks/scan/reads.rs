//! Which candidate and layer are read.

use super::Io;
use crate::ast::{cat, lit, mux, when, Expr, Module, Sig, Stmt};
use crate::blocks::shape::EngineShape;

/// State of the reads.
pub struct Reads {
    /// Begin, a cycle late.
    pub start: Sig,
    /// Drawing or reading.
    pub run: Sig,
    /// This is a noisy scan.
    pub noisy: Sig,
    /// The truth of a plain scan is read once more.
    pub again: Sig,
    /// Candidate to read.
    pub read: Sig,
    /// Its layer in a plain scan.
    pub layer: Sig,
    /// Last read of the candidate.
    pub layer_end: Sig,
    /// A read begins.
    pub issue: Sig,
}

/// The end of a read, as the steps see it.
struct Ends {
    /// A read ends.
    step: Expr,
    /// It is the last of its candidate.
    layer: Sig,
    /// It is the last of all candidates.
    candidates: Sig,
    /// It is the last of all.
    all: Sig,
}

/// A read takes as long as a comparison: two cycles, or one where a scan is quick.
pub fn reads(m: &mut Module, io: &Io, shape: &EngineShape) -> Reads {
    let (quick, ci) = (shape.quick_scan(), shape.class_bits());
    m.section(if quick {
        "Which candidate and layer to read: one read in every cycle"
    } else {
        "Which candidate and layer to read: one read in two cycles, the time a comparison takes"
    });
    let start = m.reg("start_q", 1, "begin; a register, because many look at it");
    let run = m.reg("run_q", 1, "drawing or reading");
    let beat = (!quick).then(|| m.reg("beat_q", 1, "second cycle of a read"));
    let noisy = m.reg("noisy_q", 1, "this is a noisy scan");
    let again = m.reg("again_q", 1, "a plain scan reads the truth once more, after all others");
    let read = m.reg("read_q", ci, "candidate whose noise is drawn");
    let layer = m.reg("layer_q", 2, "layer to read in a plain scan");
    let layer_end =
        m.net("layer_end", &noisy | layer.eq_(&io.layers_last), "last read of the candidate");
    let last = &layer_end & mux(&io.two, read.bit(0), read.eq_(&io.last));
    let all = |last: &Sig| mux(&again, layer_end.e(), &noisy & last);
    let (ends, mut steps) = match &beat {
        Some(beat) => in_two_cycles(m, &run, beat, &layer_end, last, all),
        None => (in_every_cycle(m, &run, &layer_end, last, all), Vec::new()),
    };
    let next = mux(&ends.candidates, io.truth.bits(ci - 1, 0), read.inc());
    let step = vec![
        when(&ends.layer, vec![read.set(next), layer.set(lit(2, 0))])
            .otherwise(vec![layer.set(layer.inc())]),
        when(&ends.candidates, vec![again.set(lit(1, 1))]),
    ];
    let begin = vec![read.set(lit(ci, 0)), layer.set(lit(2, 0)), again.set(lit(1, 0))];
    let mut statements = vec![when(!&io.rst_n, vec![run.set(lit(1, 0))])
        .or_when(&start, vec![run.set(lit(1, 1))])
        .or_when(&ends.step & &ends.all, vec![run.set(lit(1, 0))])];
    statements.append(&mut steps);
    statements.extend([
        start.set(&io.start),
        when(&io.start, vec![noisy.set(io.noise.e())]),
        when(&start, begin).or_when(ends.step, step),
    ]);
    m.clocked(&io.clk, statements);
    let begins = beat.map_or_else(|| run.e(), |beat| &run & !&beat);
    let issue = m.net("issue", begins, "a read begins");
    Reads { start, run, noisy, again, read, layer, layer_end, issue }
}

/// What ends is found out in the first cycle and used in the second.
fn in_two_cycles(
    m: &mut Module,
    run: &Sig,
    beat: &Sig,
    layer_end: &Sig,
    last: Expr,
    all: impl Fn(&Sig) -> Expr,
) -> (Ends, Vec<Stmt>) {
    let layer = m.reg("layer_end_q", 1, "the same in the second cycle of the read");
    let candidates = m.reg("last_read_q", 1, "in that cycle: last read of all candidates");
    let stop = m.reg("stop_q", 1, "in that cycle: last read of all");
    let last = m.net("last_read", last, "last read of all candidates");
    let steps = vec![
        beat.set(run & !beat),
        layer.set(layer_end.e()),
        candidates.set(last.e()),
        stop.set(all(&last)),
    ];
    (Ends { step: beat.e(), layer, candidates, all: stop }, steps)
}

fn in_every_cycle(
    m: &mut Module,
    run: &Sig,
    layer_end: &Sig,
    last: Expr,
    all: impl Fn(&Sig) -> Expr,
) -> Ends {
    let candidates = m.net("last_read", last, "last read of all candidates");
    let stop = m.net("stop", all(&candidates), "last read of all");
    Ends { step: run.e(), layer: layer_end.clone(), candidates, all: stop }
}

/// Address of the goodness: layer and candidate of two cycles ago.
pub fn two_cycles_later(m: &mut Module, io: &Io, reads: &Reads, shape: &EngineShape) -> Expr {
    let ci = shape.class_bits();
    let stages = if shape.quick_scan() { "stage 1" } else { "stages 1 and 2" };
    let candidate = m.reg("delayed_candidate_q", ci, &format!("candidate of {stages}"));
    let layer = m.reg("delayed_layer_q", 2, &format!("layer of {stages}"));
    let now = mux(&reads.noisy, io.layer.e(), reads.layer.e());
    m.clocked(&io.clk, vec![candidate.set(reads.read.e()), layer.set(now)]);
    let address = cat([layer.e(), candidate.e()]);
    if !shape.quick_scan() {
        return address;
    }
    let late = m.reg("delayed_addr_q", ci + 2, "layer and candidate of stage 2");
    m.clocked(&io.clk, vec![late.set(address)]);
    late.e()
}
