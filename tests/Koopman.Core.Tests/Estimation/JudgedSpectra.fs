namespace Koopman.Tests

open System
open TorchSharp
open Koopman

/// Every estimator on data of every kind, for what must hold of the modes of all of them.
module JudgedSpectra =

    let private normal (generator: Random) : float =
        sqrt (-2.0 * log (1.0 - generator.NextDouble()))
        * cos (2.0 * Math.PI * generator.NextDouble())

    /// Rows of x ↦ Mx + σξ from (2, 1), with noise of size `blur` in what is seen of them.
    let private linear (turn: float) (decay: float) (sigma: float) (blur: float) (count: int) : float[,] =
        let generator = Random 3
        let c, s = decay * cos turn, decay * sin turn
        let mutable x, y = 2.0, 1.0

        let rows =
            Array.init count (fun _ ->
                let row = [| x + blur * normal generator; y + blur * normal generator |]

                let next =
                    c * x - s * y + sigma * normal generator, s * x + c * y + sigma * normal generator

                x <- fst next
                y <- snd next
                row)

        array2D rows

    /// The names of the kinds of data, and trajectories of each with a step of .1.
    let private trajectories: (string * (unit -> Trajectories)) list =
        [
            let one (rows: float[,]) =
                Trajectories.ofArrays 0.1 [ rows ] |> Outcome.get

            "reversible noise",
            fun () ->
                use states =
                    Systems.trajectory (Systems.ornsteinUhlenbeck 2 1.0) 2000 0.1 (Seed.ofInt 1)
                    |> Outcome.get

                Trajectories.create 0.1 [ states.Points ] |> Outcome.get

            "turning noise", fun () -> one (linear 0.3 0.9 0.3 0.0 2000)
            "white noise", fun () -> one (linear 0.0 0.0 1.0 0.0 1000)
            "exact oscillation", fun () -> one (linear 0.3 0.98 0.0 0.0 200)
            "blurred oscillation", fun () -> one (linear 0.3 0.99 0.0 0.02 300)
        ]

    let private blocks (observables: Observables) (pairs: SnapshotPairs) : Moments[] =
        Array.init 10 (fun i ->
            let start = i * pairs.Count / 10
            Moments.ofPairs observables (start, (i + 1) * pairs.Count / 10 - start) pairs)

    let private ofModel (model: LinearModel) : Mode[] =
        use model = model
        model.Spectrum.Modes

    let private ofSpectrum (spectrum: Spectrum) : Mode[] =
        use spectrum = spectrum
        spectrum.Modes

    let private estimators: (string * (Trajectories -> SnapshotPairs -> Observables -> Outcome<Mode[]>)) list =
        [
            "Edmd.reversible",
            fun _ pairs observables -> Edmd.reversible Edmd.defaults observables pairs |> Result.map ofSpectrum
            "Edmd.fit", fun _ pairs observables -> Edmd.fit Edmd.defaults observables pairs |> Result.map ofModel
            "Tica.fit", fun _ pairs _ -> Tica.fit Edmd.defaults pairs |> Result.map ofSpectrum
            "FitFromMoments.reversible",
            fun _ pairs observables ->
                FitFromMoments.reversible Edmd.defaults observables pairs.Lag (blocks observables pairs)
                |> Result.map ofSpectrum
            "FitFromMoments.general",
            fun _ pairs observables ->
                FitFromMoments.general Edmd.defaults observables pairs.Lag (blocks observables pairs)
                |> Result.map ofModel
            "Langevin.fit",
            fun _ pairs observables -> Langevin.fit Langevin.defaults observables pairs.From |> Result.map ofSpectrum
            "GeneratorEdmd.fit",
            fun _ pairs observables ->
                use drift = (pairs.To.Points - pairs.From.Points) / pairs.Lag
                use motion = DriftDiffusion.ofDrift drift |> Outcome.get

                GeneratorEdmd.fit GeneratorEdmd.defaults observables pairs.From motion
                |> Result.map (fun model ->
                    use model = model
                    model.Spectrum.Modes)
            "GeneratorEdmd.fit, diffusion",
            fun _ pairs observables ->
                use motion =
                    DriftDiffusion.ofLangevin (Systems.ornsteinUhlenbeck 2 1.0) pairs.From.Points
                    |> Outcome.get

                GeneratorEdmd.fit GeneratorEdmd.defaults observables pairs.From motion
                |> Result.map (fun model ->
                    use model = model
                    model.Spectrum.Modes)
            "Dmd.fit", fun _ pairs _ -> Dmd.fit Dmd.defaults pairs |> Result.map ofModel
            "OptimizedDmd.fit",
            fun data _ _ ->
                OptimizedDmd.fit { OptimizedDmd.defaults with Bags = 10 } Control.none data
                |> Result.map ofModel
            "KernelEdmd.fit",
            fun _ pairs _ ->
                KernelEdmd.fit KernelEdmd.defaults pairs
                |> Result.map (fun fit -> ofModel fit.Model)
            "DiffusionMap.fit",
            fun _ pairs _ -> DiffusionMap.fit DiffusionMap.defaults pairs.From |> Result.map ofSpectrum
            "MarkovModel.spectrum, reversible",
            fun data pairs _ ->
                use cells =
                    Observables.gridIndicators [| 3; 3 |] ([| -3.0; -3.0 |], [| 3.0; 3.0 |])
                    |> Outcome.get

                use states = (cells.Values data.States.Points).argmax 1L
                let path = states.data<int64>().ToArray() |> Array.map int

                MarkovModel.fit
                    { MarkovModel.defaults with
                        Iterations = 1_000_000
                    }
                    pairs.Lag
                    1
                    [ path ]
                |> Result.bind (MarkovModel.spectrum cells)
                |> Result.map ofSpectrum
            "Diagnostics.assess",
            fun _ pairs observables ->
                Edmd.fit Edmd.defaults observables pairs
                |> Result.bind (fun model ->
                    use model = model

                    Propagator.spectrum model.Propagator
                    |> Result.bind (fun bare ->
                        use bare = bare
                        Diagnostics.assess Noise.Automatic bare pairs))
                |> Result.map ofSpectrum
        ]

    /// The modes of all estimators on all kinds of data, by name; errors too.
    let all () : (string * Outcome<Mode[]>) seq =
        seq {
            for kind, make in trajectories do
                use data = make ()
                use pairs = Trajectories.pairs 1 data |> Outcome.get
                use observables = Observables.monomials 4 2 |> Outcome.get

                for name, fit in estimators do
                    $"{name} on {kind}", fit data pairs observables
        }
