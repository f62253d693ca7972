namespace Koopman.Cli.Tests

open Expecto
open Koopman
open Koopman.Experiments
open Koopman.Flows
open Koopman.Tests

/// Brief runs of the experiments, one seed each and without slow rivals: figures that must hold, and the file that an interrupted run goes on from.
/// Studies of flows have tests of their own.
module RegressionTests =

    /// Bounds of a metric.
    type private Figure = Metric of name: string * low: float * high: float

    let private below (name: string) (high: float) : Figure = Metric(name, 0.0, high)

    let private near (name: string) (value: float) (slack: float) : Figure =
        Metric(name, value - slack, value + slack)

    let private holds (name: string) : Figure = Metric(name, 1.0, 1.0)

    let private run (folder: TemporaryFolder) (experiment: Experiment) : Map<string, float> =
        let journal () =
            Journal.Open(folder.File "state", experiment.Name, []) |> Outcome.get

        let found () =
            experiment.Run(Size.Brief, journal (), ignore, Seed.ofInt 1) |> Outcome.get

        let first = found ()
        Expect.isNonEmpty (fst first.Table) "the columns of the table"

        match experiment.Work with
        | Work.AtOnce _ -> ()
        | Work.InParts _ ->
            // Everything is in the file: nothing is computed again, so that not even the processor times differ.
            let again = found ()
            JournalTests.same first.Metrics again.Metrics "the metrics from the file"
            Expect.equal again.Table first.Table "the table from the file"

        Map.ofList first.Metrics

    let private check (metrics: Map<string, float>) (figures: Figure list) : unit =
        for Metric(name, low, high) in figures do
            Expect.inRange metrics[name] (low, high) name

    /// On a sphere of d dimensions: the law of the data, far from that of the start.
    let private sphere: Figure list =
        [
            below "kswgd.mmd" 0.04
            Metric("start.mmd", 0.5, 0.7)
            below "kswgd.mean_error" 0.05
            Metric("kswgd.nn_ratio", 0.9, 1.1)
            Metric("kswgd.coverage", 0.9, 1.0)
            below "energy_ratio" 1e-6
            below "warnings" 0.0
        ]

    let private figures: (Experiment * Figure list) list =
        [
            QuadrupleWell.experiment,
            [
                near "eta1" 0.749 0.1
                near "eta2" 0.749 0.1
                near "eta3" 1.497 0.15
                below "kswgd.kl" 0.06
                below "kswgd.mmd" 0.03
                below "kswgd.mass_error" 0.04
                near "kswgd.near_wells" 0.381 0.04
                near "kswgd.mean_potential" 0.8345 0.06
            ]
            TrajectoryWells.experiment,
            [
                near "diffusion_xx" 2.0 0.3
                near "diffusion_yy" 2.0 0.3
                near "diffusion_xy" 0.0 0.15
                below "kswgd.mass_to_data" 0.02
                below "kswgd_form.mass_to_data" 0.02
                below "kswgd.put_back" 0.05
            ]
            TiltedWells.asymmetric,
            [
                below "mass_to_data" 0.005
                below "kswgd.kl" 0.03
                below "kswgd.mmd" 0.05
                // At T = .3 all particles start in the well of mass .044, and wide Gaussians lead them across.
                below "cold.mass_to_data" 0.02
            ]
            TiltedWells.cold,
            [
                near "kswgd.mass" 0.5 0.06
                below "mass_to_data" 0.02
                below "kswgd.kl" 0.08
                near "eta1_exact" 0.0111 0.0002
            ]
            Ablation.experiment,
            [
                // Without the guard the default Gaussians do not carry particles across the barrier; wider ones do.
                Metric("no_guard.kl", 1.0, infinity)
                below "kswgd.kl" 0.5
                below "wide.mass_error" 0.04
                below "wide.kl" 0.08
                below "warm.kswgd.kl" 0.06
                below "warm.no_guard.kl" 0.06
            ]
            AllenCahnTrajectory.experiment,
            [
                Metric("scale_reduction", 0.99, 1.03)
                // The start is noise between the phases.
                Metric("start.mmd", 0.35, 0.6)
                below "kswgd.mmd" 0.15
                below "kswgd_autoencoder.mmd" 0.15
                near "kswgd.trace_ratio" 1.0 0.25
                below "ring.kswgd.mmd" 0.15
                below "ring.kswgd.pixel_tv" 0.15
                Metric("ring.kswgd.coverage", 0.85, 1.0)
                // About e^-5: twice the rate of crossings.
                Metric("ring.rate", 0.001, 0.03)
            ]
            SwarmExperiment.experiment,
            [
                near "kswgd.mass" 0.1426 0.03
                Metric("raw.mass", 0.4, 0.5)
                below "kswgd.mmd" 0.04
                Metric("raw.mmd", 0.3, 0.5)
            ]
            Surfaces.circle, sphere
            Surfaces.sphere, sphere
            Surfaces.ten, below "kswgd.moment_error" 0.05 :: sphere
            Surfaces.hundred, below "kswgd.moment_error" 0.05 :: sphere
            Surfaces.torus,
            [
                below "kswgd.mmd" 0.04
                Metric("start.mmd", 0.5, 0.7)
                below "kswgd.phi_tv" 0.1
                Metric("kswgd.nn_ratio", 0.8, 1.1)
                below "warnings" 0.0
            ]
            Posterior.experiment,
            [
                below "kswgd.kl" 0.05
                below "kswgd.mean_error" 0.1
                near "kswgd.trace_ratio" 1.0 0.15
                Metric("start.kl", 1.0, 3.0)
                below "strong.kswgd.kl" 0.05
                below "strong.kswgd.mean_error" 0.1
                near "strong.kswgd.trace_ratio" 1.0 0.15
            ]
            Mixtures.ten,
            [
                below "kswgd.mmd" 0.04
                below "kswgd.mass_error" 0.07
                below "kswgd_leading.mass_error" 0.04
            ]
            Mixtures.fifty,
            [
                // In fifty dimensions a tenth of the particles stays in the wrong component; three leading coordinates do not.
                below "kswgd.mass_error" 0.17
                below "kswgd_leading.mmd" 0.04
                below "kswgd_leading.mass_error" 0.04
            ]
            Theorem.experiment,
            [
                for case in
                    [
                        "Gaussian"
                        "two_wells_on_a_circle_barrier_2"
                        "two_wells_on_a_circle_barrier_3"
                        "four_wells_from_the_centre"
                        "four_wells_from_tilted_ones"
                    ] do
                    holds $"{case}.bound_holds"
                    holds $"{case}.running_bound_holds"
                    holds $"{case}.statistical_bound_holds"
                near "two_wells_on_a_circle_barrier_2.rate_over_chi2_start" 1.0 0.05
                near "two_wells_on_a_circle_barrier_3.rate_over_chi2_start" 1.0 0.05
                near "four_wells_from_the_centre.rate_over_chi2_start" 1.0 0.05
                below "four_wells_from_the_centre.kl_end" 0.1
                // SVGD loses the dissipation that KSWGD keeps.
                below "svgd.rate_over_chi2_end" 0.2
                near "plateau.Gaussian.exponent" -1.0 0.6
            ]
            CoverageStudy.experiment,
            [
                Metric("cases_passed", 11.0, 15.0)
                holds "seeds"
                near "slow_manifold.spurious_flagged" 100.0 0.0
                near "slow_manifold.true_flagged" 0.0 0.0
            ]
            CalibrationStudy.experiment, [ below "false_alarms" 20.0; Metric("covered", 50.0, 100.0) ]
            ForecastStudy.experiment,
            [
                Metric("quasi_periodic.mse_over_bound", 0.9, 1.15)
                below "quasi_periodic.period_error" 0.005
                near "quasi_periodic.cover90" 0.9 0.05
                near "lorenz_with_noise.cover90" 0.9 0.05
                below "lorenz_with_noise.mse" 0.7
                below "monitor.false_alarms" 0.1
                Metric("monitor.changes_found", 0.9, 1.0)
            ]
            FlowSpeed.experiment,
            [
                // Counts, which do not depend on the machine.
                Metric("dopri5.evaluations", 7.0, 200.0)
                Metric("d16.dopri5.evaluations", 7.0, 200.0)
            ]
        ]

    /// A study keeps its names when it is shortened.
    let private sameStudies: Test =
        testCase "Quick flows have the metrics of the full ones" (fun () ->
            for full in [ FlowPlane.defaults; FlowPlane.rivalDefaults; FlowPlane.stepDefaults ] do
                let quick = FlowPlane.shortened full

                let names (options: FlowPlaneOptions) =
                    options.Sets |> List.map _.Name,
                    options.Recipes |> List.map fst,
                    options.Rivals |> List.map _.Name,
                    options.FewSteps,
                    options.Certified > 0

                Expect.equal (names quick) (names full) "sets, recipes, rivals, steps and certificates")

    let tests: Test =
        testList
            "Regression"
            [
                for experiment, figures in figures do
                    testInFolder $"The figures of {experiment.Name}" (fun folder ->
                        check (run folder experiment) figures)

                testInFolder "The figures of mnist-latent" (fun folder ->
                    match DigitFolder.find () with
                    | Error error -> skiptest error.Message
                    | Ok _ ->
                        check
                            (run folder MnistLatent.experiment)
                            [
                                Metric("kswgd.coverage", 0.8, 1.0)
                                below "kswgd.mmd" 0.05
                                below "kswgd.sw2" 0.2
                                below "floor.mmd" 0.05
                            ])

                sameStudies
            ]
