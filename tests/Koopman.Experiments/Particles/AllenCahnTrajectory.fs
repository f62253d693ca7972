namespace Koopman.Experiments

open System
open Koopman
open Koopman.Cli
open Koopman.Cli.Reporting
open TorchSharp
open Koopman.Latents
open Koopman.Particles

/// <summary>
/// Particles learned from the stochastic Allen-Cahn equation itself, as the paper does: fields start as noise of every site in (-½, ½), are integrated,
/// and give snapshots; a spectrum of the process is learned in principal coordinates and in the latents of an autoencoder; particles start as further
/// noise. Here the parameters are such that the field crosses between its phases, and the reference comes from Metropolis chains whose two starts
/// agree; at the paper's own parameters every site freezes near ±1, and no sampler can be judged.
/// </summary>
[<RequireQualifiedAccess>]
module AllenCahnTrajectory =

    /// The sizes of a run.
    type private Setting =
        {
            Name: string
            Field: AllenCahnField
            Trajectories: int
            /// Snapshots of each, and the time between them.
            Snapshots: int
            Lag: float
            /// The time before the first snapshot.
            BurnIn: float
            Particles: int
            /// Principal coordinates, and latents of the autoencoder.
            Coordinates: int
            /// Steps of the autoencoder's training.
            Training: int
        }

    /// The step of the integration: the law of its fields is that of the equation to within the errors of the samples.
    let private step = 0.05

    /// The steps of the chains behind the reference.
    let private mixing = 600

    /// Fields (n, count) as in the paper's start.
    let private noise (field: AllenCahnField) (count: int) (generator: torch.Generator) : Tensor =
        Tensors.keep (fun () ->
            torch.rand (int64 count, int64 field.Count, dtype = torch.float64, generator = generator)
            - 0.5)

    /// <summary>Snapshots of independent solutions of the equation.</summary>
    let private integrate (setting: Setting) (seed: Seed) : Outcome<Trajectories> =
        use _ = torch.NewDisposeScope()
        use generator = Seed.generator seed
        let field = setting.Field
        let u = noise field setting.Trajectories generator
        AllenCahnField.evolve field step (int (setting.BurnIn / step)) generator u

        let frames =
            [
                for k in 0 .. setting.Snapshots - 1 do
                    if k > 0 then
                        AllenCahnField.evolve field step (int (setting.Lag / step)) generator u

                    u.clone ()
            ]

        use all = torch.stack (ResizeArray frames, 1L)
        Trajectories.create setting.Lag [ for i in 0L .. all.shape[0] - 1L -> all.select (0L, i) ]

    /// Fields from latents: decoded, with the residual of a data field drawn for each.
    let private fields (map: LatentMap) (data: Samples) (seed: Seed) (latents: Samples) : Outcome<Samples> =
        result {
            use! drawn = Bootstrap.draw latents.Count (Seed.derive "residual" seed) data
            use _ = torch.NewDisposeScope()
            let rest = drawn.Points - map.Decode(map.Encode drawn.Points)
            return! Samples.ofTensor (map.Decode latents.Points + rest)
        }

    /// A method in latents as one of fields.
    let private decoded (map: LatentMap) (data: Samples) (seed: Seed) (suffix: string) (method: Method) : Method =
        { method with
            Name = method.Name + suffix
            Draw =
                fun step ->
                    method.Draw step
                    |> Result.bind (fun drawn ->
                        use latents = drawn.Particles

                        fields map data seed latents
                        |> Result.map (fun particles -> { drawn with Particles = particles }))
        }

    /// Pairs in latents.
    let private encoded (map: LatentMap) (pairs: SnapshotPairs) : Outcome<SnapshotPairs> =
        result {
            use _ = torch.NewDisposeScope()
            return! SnapshotPairs.create pairs.Lag (map.Encode pairs.From.Points) (map.Encode pairs.To.Points)
        }

    /// The spectrum of the process in latents.
    let private learn (pairs: SnapshotPairs) (seed: Seed) : Outcome<Spectrum> =
        result {
            use! observables =
                Observables.gaussiansOver
                    { Observables.automatic with
                        Seed = Seed.derive "centres" seed
                    }
                    pairs.From

            return! Edmd.reversible Edmd.defaults observables pairs
        }

    /// KSWGD by the spectrum of pairs of latents.
    let private kswgd (pairs: SnapshotPairs) (start: Samples) (seed: Seed) : Method =
        Contenders.plain "kswgd" (fun () ->
            result {
                use! spectrum = learn pairs seed
                use! field = ParticleField.ofPairs 0.0 spectrum pairs

                return!
                    ParticleFlow.follow
                        Control.none
                        ParticleFlow.defaults
                        (Seed.derive "jitter" seed)
                        (Manifold.euclidean start.Dimension)
                        field
                        pairs.From
                        start
                    |> Result.map Drawn.ofFlow
            })

    let private trial (size: Size) (setting: Setting) (seed: Seed) : Outcome<Trial> =
        let field = setting.Field
        let count = setting.Particles

        result {
            use! trajectories = integrate setting (Seed.derive "trajectories" seed)
            use! pairs = Trajectories.pairs 1 trajectories
            let data = trajectories.States

            let! exact, reduction =
                AllenCahnField.drawChecked field mixing (4 * count) (Seed.derive "exact" seed)

            use exact = exact

            let part (from: int) (size: int) =
                Samples.pick [| from .. from + size - 1 |] exact

            use! reference = part 0 (2 * count)
            use! independent = part (2 * count) count
            use generator = Seed.generator (Seed.derive "start" seed)
            use! start = using (noise field count generator) Samples.ofTensor
            use! pca = Pca.fit setting.Coordinates data
            use principal = LatentMap.ofPca pca

            use! autoencoder =
                Autoencoder.train
                    Control.none
                    { Autoencoder.defaults with
                        Network =
                            { Autoencoder.network with
                                Latents = setting.Coordinates
                            }
                        Descent =
                            { Autoencoder.defaults.Descent with
                                Steps = setting.Training
                            }
                    }
                    (Seed.derive "autoencoder" seed)
                    data

            use! whitened = LatentMap.whitened data autoencoder
            use! inner = encoded principal pairs
            use! deep = encoded whitened pairs
            use! from = LatentMap.encode principal start
            use! deepFrom = LatentMap.encode whitened start
            use! spectrum = learn inner seed
            use! deepSpectrum = learn deep seed
            let byPrincipal = decoded principal data seed ""

            let! methods =
                [
                    byPrincipal (kswgd inner from seed)
                    decoded whitened data seed "_autoencoder" (kswgd deep deepFrom seed)
                    for method in
                        Contenders.ofData
                            ParticleFlow.defaults
                            1.0
                            (Manifold.euclidean setting.Coordinates)
                            inner.From
                            from
                            seed do
                        byPrincipal (
                            if method.Name = "kswgd" then
                                { method with Name = "kswgd_samples" }
                            else
                                method
                        )
                    Contenders.samples "fields" (fun () -> Bootstrap.draw count (Seed.derive "fields" seed) data)
                    Contenders.samples "start" (fun () -> Samples.take count start)
                    AllenCahnField.ula field start seed
                    AllenCahnField.chained
                        "pmala"
                        [ 0.05; 0.2; 0.5 ]
                        (AllenCahnField.preconditionedMala field)
                        start
                        seed
                    AllenCahnField.chained "pcn" [ nan ] (fun _ -> AllenCahnField.walk field) start seed
                    Contenders.samples "floor" (fun () -> part (3 * count) count)
                ]
                |> Contenders.ofSize size
                |> Contenders.scored data (AllenCahnField.scores reference independent pca)

            let rate (spectrum: Spectrum) =
                // The spectrum of pairs that never cross has no mode of the phases.
                spectrum.Rates |> Array.tryHead |> Option.defaultValue nan

            use! shown = byPrincipal(kswgd inner from seed).Draw nan |> Result.map _.Particles

            return
                {
                    Methods = methods
                    Facts =
                        [
                            "scale_reduction", reduction
                            "explained", pca.Explained
                            "rate", rate spectrum
                            "rate_autoencoder", rate deepSpectrum
                            "between_phases", AllenCahnField.betweenPhases data
                        ]
                    Sections =
                        [
                            {
                                Heading = "Fields"
                                Blocks =
                                    [
                                        AllenCahnField.pictures field "The start: noise at every site." start
                                        AllenCahnField.pictures field "KSWGD." shown
                                        AllenCahnField.pictures field "Exact samples." independent
                                    ]
                            }
                        ]
                }
        }

    let private ring: Setting =
        {
            Name = "ring"
            Field =
                {
                    Sites = 64
                    Axes = 1
                    Kappa = 0.03
                    Beta = 30.0
                }
            Trajectories = 200
            Snapshots = 51
            Lag = 0.2
            BurnIn = 25.0
            Particles = 500
            Coordinates = 4
            Training = 2500
        }

    let private torus: Setting =
        {
            Name = "torus"
            Field =
                {
                    Sites = 32
                    Axes = 2
                    Kappa = 0.05
                    Beta = 60.0
                }
            Trajectories = 100
            Snapshots = 51
            Lag = 0.2
            BurnIn = 25.0
            Particles = 200
            Coordinates = 8
            Training = 2500
        }

    let private over (size: Size) (journal: Journal) (setting: Setting) =
        let field = setting.Field

        Comparison.over
            journal
            (size.Choose(3, 1))
            $"{field.Count} sites on a {setting.Name}, κ = {field.Kappa}, β = {field.Beta}: {setting.Trajectories} trajectories of {setting.Snapshots} snapshots {setting.Lag} apart after {setting.BurnIn} units of time. Methods that move latents, {setting.Coordinates} of them, take the rest of every field from a snapshot. mass: of a phase; pixel TV: of the law of a site's value; trace ratio: of the principal coordinates' covariance."
            (fun _ -> [])
            (trial size setting)

    /// <summary>For <c>./koopman reproduce allen-cahn-spde</c>.</summary>
    let experiment: Experiment =
        {
            Name = "allen-cahn-spde"
            Summary =
                "two-phase fields learned from trajectories of the stochastic equation: 32 x 32 sites (16 x 16 in a quick run), and a ring of 64"
            Minutes = 15.0
            Work =
                Work.InParts(fun size journal report seed ->
                    result {
                        let smaller (setting: Setting) =
                            { setting with
                                Trajectories = size.Choose(setting.Trajectories, 60)
                                Training = size.Choose(setting.Training, 200)
                                Particles = size.Choose(setting.Particles, 100)
                                Field.Sites = size.Choose(setting.Field.Sites, 16)
                            }

                        let plane =
                            if size = Size.Brief then
                                { smaller torus with
                                    Setting.Field.Sites = 8
                                }
                            else
                                smaller torus

                        let! plane =
                            over size (journal.Within "torus") plane (fun p -> report (0.7 * p)) seed

                        let! line =
                            over size (journal.Within "ring") (smaller ring) (fun p -> report (0.7 + 0.3 * p)) seed

                        return Comparison.both "ring" plane line
                    })
        }
