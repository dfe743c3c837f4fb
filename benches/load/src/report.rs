//! Figures, and how they are printed: tables for docs/performance.md.

use std::collections::BTreeMap;

use crate::{Run, server::Usage, workload::Workload};

/// What one program did in one measurement.
#[derive(Clone, Copy)]
pub struct Figures {
    per_second: f64,
    /// Milliseconds.
    p50: f64,
    p99: f64,
    /// Milliseconds of processor time of a request.
    cpu: f64,
    database_cpu: f64,
    statements: f64,
    /// Megabytes.
    memory: f64,
}

impl Figures {
    pub fn new(run: &Run, before: &Usage, after: &Usage) -> Self {
        let requests = run.requests as f64;
        Self {
            per_second: requests / (run.microseconds as f64 / 1e6),
            p50: run.p50 as f64 / 1e3,
            p99: run.p99 as f64 / 1e3,
            cpu: (after.cpu - before.cpu) * 1e3 / requests,
            database_cpu: (after.database_cpu - before.database_cpu) * 1e3 / requests,
            statements: (after.statements - before.statements) / requests,
            memory: after.memory as f64 / 1e6,
        }
    }
}

/// All figures.
#[derive(Default)]
pub struct Report {
    measured: BTreeMap<(Workload, u32), Vec<(&'static str, Figures)>>,
    last: Option<(Workload, u32)>,
}

impl Report {
    pub fn add(&mut self, workload: Workload, clients: u32, program: &'static str, figures: Figures) {
        if self.last.is_none() {
            println!(
                "| workload | clients | program | requests/s | p50 ms | p99 ms | CPU ms | database CPU ms | statements | memory MB |"
            );
            println!("| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        }
        self.measured
            .entry((workload, clients))
            .or_default()
            .push((program, figures));
        self.last = Some((workload, clients));
    }

    /// The lines of the last measurements.
    pub fn print_last(&self) {
        let Some((workload, clients)) = self.last else { return };
        for (program, figures) in &self.measured[&(workload, clients)] {
            println!(
                "| {workload} | {clients} | {program} | {:.0} | {:.2} | {:.2} | {:.3} | {:.3} | {:.1} | {:.0} |",
                figures.per_second,
                figures.p50,
                figures.p99,
                figures.cpu,
                figures.database_cpu,
                figures.statements,
                figures.memory,
            );
        }
    }

    /// Each program by the yardstick.
    pub fn print_ratios(&self) {
        println!("| workload | clients | program | of the limit | p99 / p50 |");
        println!("| --- | --- | --- | --- | --- |");
        for ((workload, clients), programs) in &self.measured {
            let Some((_, limit)) = programs.iter().find(|(program, _)| *program == "limit") else {
                continue;
            };
            for (program, figures) in programs.iter().filter(|(program, _)| *program != "limit") {
                println!(
                    "| {workload} | {clients} | {program} | {:.2} | {:.1} |",
                    figures.per_second / limit.per_second,
                    figures.p99 / figures.p50,
                );
            }
        }
    }
}
