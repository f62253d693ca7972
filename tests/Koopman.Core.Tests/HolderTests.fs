namespace Koopman.Tests

open System
open Expecto
open Koopman
open Koopman.Particles
open TorchSharp

/// What is made of observables, samples or fields holds them: they may be disposed of first, and are freed with the last that uses them.
module HolderTests =

    /// Something made of observables, and numbers that it computes with them.
    [<NoComparison; NoEquality>]
    type private Made =
        {
            Owner: IDisposable
            Ask: unit -> float[]
        }

    let private made (owner: IDisposable) (ask: unit -> Tensor) : Made =
        {
            Owner = owner
            Ask =
                fun () ->
                    Tensors.within (fun () ->
                        let answer = ask ()
                        Tensors.toArray (if answer.is_complex () then answer.abs () else answer))
        }

    let private pairs: Lazy<SnapshotPairs> =
        lazy
            (Systems.equilibriumPairs (Systems.ornsteinUhlenbeck 2 1.0) 300 0.2 (Seed.ofInt 3)
             |> Outcome.get)

    let private places: Lazy<Tensor> =
        lazy (Seed.normal [| 5L; 2L |] (Seed.ofInt 4)).DetachFromDisposeScope()

    let private gaussians () : Observables =
        use centres = Seed.normal [| 8L; 2L |] (Seed.ofInt 5)
        Observables.gaussians 1.2 centres |> Outcome.get

    let private spectrumOf (spectrum: Outcome<Spectrum>) : Made =
        let spectrum = Outcome.get spectrum
        made spectrum (fun () -> spectrum.Values places.Value)

    let private langevin (observables: Observables) : Outcome<Spectrum> =
        Langevin.fit Langevin.defaults observables pairs.Value.From

    /// Something made of a spectrum that is gone.
    let private ofSpectrum (make: Spectrum -> Made) (observables: Observables) : Made =
        use spectrum = langevin observables |> Outcome.get
        make spectrum

    let private motion () : DriftDiffusion =
        Tensors.within (fun () ->
            use still = DriftDiffusion.ofDrift (-pairs.Value.From.Points) |> Outcome.get

            DriftDiffusion.withDiffusion (Diffusion.Constant(2.0 * torch.eye (2L, dtype = torch.float64))) still
            |> Outcome.get)

    let private generatorModel (observables: Observables) : GeneratorModel =
        use motion = motion ()

        GeneratorEdmd.fit GeneratorEdmd.defaults observables pairs.Value.From motion
        |> Outcome.get

    let private linearModel (model: LinearModel) : Made =
        made model (fun () -> LinearModel.forecast 2 None places.Value model |> Outcome.get)

    let private ofPropagator (make: Propagator -> Outcome<Propagator>) (observables: Observables) : Made =
        use model = Edmd.fit Edmd.defaults observables pairs.Value |> Outcome.get
        let propagator = make model.Propagator |> Outcome.get
        made propagator (fun () -> propagator.Observables.Values(places.Value).times propagator.Matrix)

    let private fieldOf (field: Outcome<ParticleField>) : Made =
        let field = Outcome.get field
        made field (fun () -> ParticleField.velocity field pairs.Value.To)

    /// Every kind of object that holds observables.
    let private kinds: (string * (Observables -> Made)) list =
        [
            "the spectrum of a Langevin generator", langevin >> spectrumOf
            "the spectrum of a reversible propagator",
            (fun o -> Edmd.reversible Edmd.defaults o pairs.Value |> spectrumOf)
            "a truncated spectrum", ofSpectrum (Spectrum.truncate 3 >> spectrumOf)
            "a spectrum that fresh pairs assessed",
            ofSpectrum (fun spectrum -> Diagnostics.assess Noise.Automatic spectrum pairs.Value |> spectrumOf)
            "the spectrum of a chain",
            (fun o ->
                let counts = Array2D.init 8 8 (fun i j -> if abs (i - j) < 2 then 10.0 else 0.0)
                let model = MarkovModel.ofCounts MarkovModel.defaults 1.0 1 counts |> Outcome.get
                MarkovModel.spectrum o model |> spectrumOf)
            "a linear model", (fun o -> Edmd.fit Edmd.defaults o pairs.Value |> Outcome.get |> linearModel)
            "a model of a generator",
            (fun o ->
                let model = generatorModel o
                made model (fun () -> model.Spectrum.Gradients places.Value))
            "a model of a generator over a time",
            (fun o ->
                use model = generatorModel o
                GeneratorEdmd.atLag 0.3 model |> Outcome.get |> linearModel)
            "a generator",
            (fun o ->
                use model = generatorModel o
                let adjoint = Generator.adjoint model.Generator |> Outcome.get
                made adjoint (fun () -> adjoint.Observables.Values(places.Value).times adjoint.Matrix))
            "a power of a propagator", ofPropagator (Propagator.power 2)
            "the adjoint of a propagator", ofPropagator Propagator.adjoint
            "singular functions",
            (fun o ->
                let model = Vamp.fit Vamp.defaults o pairs.Value |> Outcome.get
                made model (fun () -> model.LeftValues places.Value))
            "drift and diffusion",
            (fun o ->
                let model = KramersMoyal.estimate KramersMoyal.defaults o pairs.Value |> Outcome.get

                made model (fun () ->
                    use motion = model.At places.Value
                    motion.Drift.clone ()))
            "a pseudospectrum",
            (fun o ->
                let p = Pseudospectrum.fit Pseudospectrum.defaults o pairs.Value |> Outcome.get
                made p (fun () -> p.Observables.Values(places.Value).times p.Basis))
            "pseudo-eigenfunctions",
            (fun o ->
                use p = Pseudospectrum.fit Pseudospectrum.defaults o pairs.Value |> Outcome.get

                let modes = Pseudospectrum.modes [| Numerics.Complex(0.5, 0.1) |] p |> Outcome.get

                made modes (fun () -> modes.Values places.Value))
            "the field of a spectrum",
            ofSpectrum (fun spectrum -> ParticleField.ofSpectrum 0.0 spectrum pairs.Value.From |> fieldOf)
            "the field of all functions", (fun o -> ParticleField.fullRank 0.0 1.0 o pairs.Value.From |> fieldOf)
            "a field with another target",
            (fun o ->
                use field = ParticleField.fullRank 0.0 1.0 o pairs.Value.From |> Outcome.get
                ParticleField.towards pairs.Value.To field |> fieldOf)
            "a run of particles",
            (fun o ->
                use data = Samples.ofTensor pairs.Value.From.Points |> Outcome.get
                use field = ParticleField.fullRank 0.0 1.0 o data |> Outcome.get

                let run =
                    ParticleFlow.start
                        { ParticleFlow.defaults with
                            Iterations = 3
                        }
                        (Seed.ofInt 1)
                        (Manifold.euclidean 2)
                        field
                        data
                        pairs.Value.To
                    |> Outcome.get

                made run (fun () ->
                    ParticleFlow.resume Control.none run |> Outcome.get
                    use result = ParticleFlow.outcome run |> Outcome.get
                    result.Particles.Points.clone ()))
            "functions on a manifold",
            (fun o ->
                let functions = Manifold.observables (Manifold.euclidean 2) o |> Outcome.get
                made functions (fun () -> functions.Partial(places.Value, 1)))
        ]

    /// Every family that is made of others, on one of its parts.
    let private combinations: (string * (Observables -> Outcome<Observables>)) list =
        [
            "a sequence",
            (fun o ->
                use monomials = Observables.monomials 2 2 |> Outcome.get
                Observables.append o monomials)
            "a sequence of twice the same", (fun o -> Observables.append o o)
            "products", (fun o -> Observables.product o (Observables.linear 2))
            "a selection", Observables.select [| 3; 1 |]
            "delays", Observables.onDelays 1
            "a map", Observables.whitened pairs.Value.From
            "combinations",
            (fun o ->
                use matrix = torch.ones (8L, 2L, dtype = torch.float64)
                Observables.combined matrix o)
        ]

    let private counted (name: string) (work: unit -> unit) : Test =
        testCase name (fun () ->
            // Made once for all tests.
            pairs.Force() |> ignore
            places.Force() |> ignore
            let before = live ()
            work ()
            Expect.equal (live ()) before "no tensor is left")

    let tests: Test =
        testList
            "Holders"
            [
                for name, make in kinds do
                    counted $"Of {name} and its observables either may go first" (fun () ->
                        use observables = gaussians ()
                        let first = make observables
                        let expected = first.Ask()
                        first.Owner.Dispose()
                        let last = make observables
                        observables.Dispose()
                        Expect.equal (last.Ask()) expected "the same numbers without the maker's hold"
                        last.Owner.Dispose()
                        last.Owner.Dispose())

                for name, make in combinations do
                    counted $"Parts of {name} may be disposed of at once" (fun () ->
                        let part = gaussians ()
                        use whole = make part |> Outcome.get
                        part.Dispose()
                        use spectrum = langevin whole |> Outcome.get
                        whole.Dispose()
                        use values = spectrum.Values places.Value
                        Expect.isTrue (Tensors.isFinite values) "values"

                        spectrum.Dispose()

                        Expect.throwsT<ObjectDisposedException>
                            (fun () -> part.Hold() |> ignore)
                            "the part went with the whole")

                counted "Observables that an estimator laid go with the last spectrum of them" (fun () ->
                    let fits: Outcome<IDisposable * Spectrum> list =
                        [
                            Tica.fit Tica.defaults pairs.Value |> Result.map (fun s -> s, s)
                            Dmd.fit Dmd.defaults pairs.Value |> Result.map (fun m -> m, m.Spectrum)
                            KernelEdmd.fit KernelEdmd.defaults pairs.Value
                            |> Result.map (fun m -> m, m.Model.Spectrum)
                            DiffusionMap.fit DiffusionMap.defaults pairs.Value.From
                            |> Result.map (fun s -> s, s)
                        ]

                    for fit in fits do
                        let owner, spectrum = Outcome.get fit
                        use part = Spectrum.truncate 1 spectrum |> Outcome.get
                        owner.Dispose()
                        use values = part.Values places.Value
                        Expect.isTrue (Tensors.isFinite values) "values")

                counted "A kernel density needs its centres no more" (fun () ->
                    use centres = Samples.ofTensor places.Value |> Outcome.get
                    let density = Target.kernelDensity 0.5 centres |> Outcome.get
                    use before = Target.score density places.Value
                    centres.Dispose()
                    use after = Target.score density places.Value
                    Expect.equal (Tensors.toArray after) (Tensors.toArray before) "the same score")

                counted "States that became part of pairs live with the pairs" (fun () ->
                    use pairs = SnapshotPairs.create 1.0 places.Value places.Value |> Outcome.get
                    pairs.From.Dispose()
                    Expect.equal pairs.From.Points.shape [| 5L; 2L |] "they live"
                    let states = pairs.From
                    pairs.Dispose()
                    Expect.throwsT<ObjectDisposedException> (fun () -> states.Points |> ignore) "they are gone")
            ]
