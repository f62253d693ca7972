namespace Koopman.Tests

open System
open System.IO
open System.Numerics
open Expecto
open Koopman
open TorchSharp
open Koopman.Learning

module internal Stored =

    let kernels: Kernel list =
        [
            Kernel.Laplacian 0.7
            Kernel.Matern32 0.8
            Kernel.Matern52 1.1
            Kernel.RationalQuadratic(1.5, 0.9)
            Kernel.InverseMultiquadric 0.6
            Kernel.ThinPlate
            Kernel.Polynomial(3, 0.3, 1.1)
        ]

    let private sections (kernel: Kernel) () : Observables =
        use centres = Seed.normal [| 7L; 2L |] (Seed.ofInt 31)
        Observables.sections kernel centres |> Outcome.get

    let private combined () : Observables =
        use matrix = Seed.normal [| 3L; 7L |] (Seed.ofInt 32)
        use turned = matrix.t ()
        Observables.combined turned (Dictionaries.gaussians 2) |> Outcome.get

    let private centresByColumns () : Observables =
        use rows = Seed.normal [| 2L; 40L |] (Seed.ofInt 33)
        use centres = rows.t ()
        Observables.gaussians 0.4 centres |> Outcome.get

    let private learned (activation: Activation) () : Observables =
        use samples = Dictionaries.scattered 2

        let options =
            { LearnedDictionary.defaults with
                Network =
                    { LearnedDictionary.network with
                        Activation = activation
                    }
            }

        use training = LearnedDictionary.start options (Seed.ofInt 5) samples |> Outcome.get
        LearnedDictionary.observables training

    let private diffusion () : Observables =
        use points = Seed.normal [| 60L; 2L |] (Seed.ofInt 34)
        use samples = Samples.ofTensor points |> Outcome.get

        use spectrum =
            DiffusionMap.fit { DiffusionMap.defaults with Modes = 2 } samples |> Outcome.get
        // It dies with the spectrum: what is stored and read back does not.
        use folder = new TemporaryFolder()
        Observables.save (folder.File "map") spectrum.Observables |> Outcome.get
        Observables.load (folder.File "map") |> Outcome.get

    let private users =
        [
            "a tensor function"
            "a tensor function without graph"
            "scalar functions"
            "a network"
            "a derived class"
        ]

    let dictionaries: (string * (unit -> Observables)) list =
        (Dictionaries.all
         |> List.filter (fun (name, _) -> not (List.contains name users)))
        @ (kernels |> List.map (fun kernel -> string kernel, sections kernel))
        @ [
            "combinations", combined
            "Gaussians whose centres lie by columns", centresByColumns
            "a learned dictionary with tanh", learned Activation.Tanh
            "a learned dictionary with SiLU", learned Activation.SiLU
            "a diffusion map", diffusion
            "a selection of products of maps",
            (fun () ->
                let mapped = Dictionaries.make "principal components"

                Observables.product (Observables.monomials 2 3 |> Outcome.get) mapped
                |> Result.bind (Observables.select [| 3; 1; 20 |])
                |> Outcome.get)
        ]

    let usersFunctions: (string * (unit -> Observables)) list =
        Dictionaries.all |> List.filter (fun (name, _) -> List.contains name users)

    let bits (tensor: Tensor) : int64[] =
        use _ = torch.NewDisposeScope()

        (if tensor.is_complex () then
             Array.append (Tensors.toArray tensor.real) (Tensors.toArray tensor.imag)
         else
             Tensors.toArray tensor)
        |> Array.map BitConverter.DoubleToInt64Bits

    let sameFunctions (one: Observables) (other: Observables) : unit =
        use _ = torch.NewDisposeScope()
        Expect.equal other.Description one.Description "other.Description"
        Expect.equal other.Dimension one.Dimension "other.Dimension"
        Expect.equal other.Count one.Count "other.Count"
        Expect.equal other.LengthScale one.LengthScale "other.LengthScale"
        Expect.equal other.IsDifferentiable one.IsDifferentiable "other.IsDifferentiable"
        Expect.equal other.Coarser one.Coarser "other.Nested"

        let names (observables: Observables) =
            Array.init observables.Count observables.NameOf

        Expect.equal (names other) (names one) "the names of the functions"
        let points = Seed.normal [| 50L; int64 one.Dimension |] (Seed.ofInt 35)
        let weights = Seed.uniform [| 50L |] (Seed.ofInt 36)
        let coefficients = Seed.normal [| int64 one.Count |] (Seed.ofInt 37)

        let all (observables: Observables) =
            [
                observables.Values points
                observables.GradientOf(points, coefficients)
                observables.DirichletForm(points, weights)

                for axis in 0 .. one.Dimension - 1 do
                    observables.Partial(points, axis)
                    observables.SecondPartial(points, 0, axis)
            ]
            |> List.map bits

        List.iter2 (fun (a: int64[]) b -> Expect.equal b a "each of all other") (all one) (all other)

module ModelFileTests =

    let private equilibrium (system: LangevinSystem) (count: int) : SnapshotPairs =
        Systems.equilibriumPairs system count 0.1 (Seed.ofInt 41) |> Outcome.get

    /// The numbers of all modes, bit by bit: NaN is not equal to itself.
    let private numbers (spectrum: Spectrum) : int64[] =
        spectrum.Modes
        |> Array.collect (fun mode ->
            [|
                float mode.Index
                mode.Eigenvalue.Real
                mode.Eigenvalue.Imaginary
                mode.Rate
                mode.Frequency
                mode.StandardError
                mode.FrequencyError
                mode.Lower
                mode.Upper
                mode.Residual
                mode.Condition
            |])
        |> Array.map BitConverter.DoubleToInt64Bits

    /// The saved spectrum gives back every bit of the first.
    let private survives (path: string) (points: Tensor) (spectrum: Spectrum) : unit =
        Spectrum.save path spectrum |> Outcome.get
        use back = Spectrum.load path |> Outcome.get
        use _ = torch.NewDisposeScope()
        Expect.equal back.Eigenvalues spectrum.Eigenvalues "back.Eigenvalues"
        Expect.equal back.Convention spectrum.Convention "back.Convention"
        Expect.equal back.Measure spectrum.Measure "back.Measure"
        Expect.equal back.ResidualNorm spectrum.ResidualNorm "back.ResidualNorm"
        Expect.equal back.IsReversible spectrum.IsReversible "back.IsReversible"

        Expect.equal (numbers back) (numbers spectrum) "the numbers of the modes"

        let warnings (spectrum: Spectrum) =
            spectrum.Modes
            |> Array.map (fun mode -> mode.Warnings |> Array.map (fun warning -> warning.Kind, warning.Message))

        Expect.equal (warnings back) (warnings spectrum) "the warnings"

        let clusters (spectrum: Spectrum) =
            spectrum.Clusters
            |> Array.map (fun c -> List.ofArray c.Members, [ c.Rate; c.StandardError; c.Lower; c.Upper ])

        Expect.equal (clusters back) (clusters spectrum) "the clusters"
        Stored.sameFunctions spectrum.Observables back.Observables

        let tensors (spectrum: Spectrum) =
            [
                spectrum.Centre
                spectrum.Coefficients
                spectrum.Dual
                spectrum.Values points
                spectrum.Gradients points
            ]
            |> List.map Stored.bits

        List.iter2 (fun (a: int64[]) b -> Expect.equal b a "each of tensors back") (tensors spectrum) (tensors back)

    let tests: Test =
        testList
            "Model files"
            [
                testList
                    "Observables come back from a file to the bit"
                    [
                        for name, make in Stored.dictionaries do
                            testInFolder name (fun folder ->
                                let path = folder.File "model.safetensors"
                                use observables = make ()
                                Observables.save path observables |> Outcome.get
                                use back = Observables.load path |> Outcome.get
                                Stored.sameFunctions observables back)
                    ]

                testList
                    "A user's functions cannot be stored, and say so"
                    [
                        for name, _ in Stored.usersFunctions do
                            testInFolder name (fun folder ->
                                let path = folder.File "model.safetensors"
                                use own = Dictionaries.make name
                                let words = [ own.Description; "user-defined functions"; "fit again" ]
                                Observables.save path own |> Expect.error ErrorKind.InvalidSetting words

                                use parts =
                                    Observables.append (Observables.linear 2) (Dictionaries.make name)
                                    |> Outcome.get

                                Observables.save path parts |> Expect.error ErrorKind.InvalidSetting words
                                Expect.isFalse (File.Exists path) "File.Exists path")
                    ]

                testInFolder "The spectrum of a generator comes back to the bit" (fun folder ->
                    let path = folder.File "model.safetensors"
                    use pairs = equilibrium Systems.quadrupleWell.Value 600

                    use observables =
                        Observables.gaussiansOver
                            { Observables.automatic with
                                Centres = Some 40
                            }
                            pairs.From
                        |> Outcome.get

                    use spectrum = Langevin.fit Langevin.defaults observables pairs.From |> Outcome.get
                    // The two slowest rates are equal: there is something to lose.
                    Expect.isNonEmpty spectrum.Clusters "spectrum.Clusters"
                    Expect.exists spectrum.Modes (fun mode -> mode.Warnings.Length > 0) "a mode with a warning"
                    survives path pairs.To.Points spectrum)

                testInFolder "A complex spectrum comes back to the bit" (fun folder ->
                    let path = folder.File "model.safetensors"

                    use states =
                        Samples.ofValues
                            2
                            (Array.init 200 (fun i ->
                                let t, k = 0.3 * float (i / 2), i % 2
                                exp (-0.02 * t) * (if k = 0 then cos t else sin t) + 0.1 * sin (float (i * i))))
                        |> Outcome.get

                    use pairs = SnapshotPairs.ofTrajectory 0.3 states |> Outcome.get
                    use observables = Observables.monomials 3 2 |> Outcome.get
                    use model = Edmd.fit Edmd.defaults observables pairs |> Outcome.get

                    Expect.exists
                        model.Spectrum.Eigenvalues
                        (fun value -> value.Imaginary <> 0.0)
                        "a complex eigenvalue"

                    Expect.isFalse model.Spectrum.IsReversible "model.Spectrum.IsReversible"
                    survives path pairs.To.Points model.Spectrum)

                testInFolder "Spectra that own their observables come back to the bit" (fun folder ->
                    let path = folder.File "model.safetensors"
                    use pairs = equilibrium (Systems.doubleWell 1.0) 200
                    use fit = KernelEdmd.fit { KernelEdmd.defaults with Rank = 6 } pairs |> Outcome.get
                    survives path pairs.To.Points fit.Model.Spectrum

                    use map =
                        DiffusionMap.fit { DiffusionMap.defaults with Modes = 3 } pairs.From
                        |> Outcome.get

                    survives path pairs.To.Points map
                    use few = Spectrum.truncate 2 map |> Outcome.get
                    survives path pairs.To.Points few)

                testInFolder "The spectrum of a learned dictionary lives on without it" (fun folder ->
                    let path = folder.File "model.safetensors"
                    use pairs = equilibrium (Systems.doubleWell 1.0) 300

                    let options =
                        { LearnedDictionary.defaults with
                            Epochs = 2
                            Network =
                                { LearnedDictionary.network with
                                    Widths = [ 8 ]
                                    Outputs = 3
                                }
                        }

                    let first =
                        use observables =
                            LearnedDictionary.train Control.none options (Seed.ofInt 2) pairs |> Outcome.get

                        use spectrum = Edmd.reversible Edmd.defaults observables pairs |> Outcome.get
                        Spectrum.save path spectrum |> Outcome.get
                        use values = spectrum.Values pairs.To.Points
                        Stored.bits values

                    use back = Spectrum.load path |> Outcome.get
                    use values = back.Values pairs.To.Points
                    Expect.equal (Stored.bits values) first "Stored.bits values")

                testInFolder "A spectrum of a user's functions is refused, and the old file stays" (fun folder ->
                    let path = folder.File "model.safetensors"
                    use pairs = equilibrium Systems.quadrupleWell.Value 200
                    use observables = Dictionaries.make "a tensor function"
                    use spectrum = Edmd.reversible Edmd.defaults observables pairs |> Outcome.get
                    File.WriteAllText(path, "old")

                    Spectrum.save path spectrum
                    |> Expect.error ErrorKind.InvalidSetting [ "user-defined" ]

                    Expect.equal (File.ReadAllText path) "old" "the text of the file")

                testInFolder "Observables are no spectrum" (fun folder ->
                    let path = folder.File "model.safetensors"
                    use observables = Observables.linear 2
                    Observables.save path observables |> Outcome.get

                    Spectrum.load path
                    |> Expect.error ErrorKind.CheckpointMismatch [ "holds a dictionary, not a spectrum" ])

                testInFolder "A file of a future family says which version wrote it" (fun folder ->
                    let path = folder.File "model.safetensors"
                    use observables = Observables.linear 2
                    Observables.save path observables |> Outcome.get
                    use checkpoint = Checkpoint.read path |> Outcome.get
                    let changed = checkpoint.Options.DeepClone().AsObject()
                    let observables = nonNull changed["observables"]
                    observables["kind"] <- Text.Json.Nodes.JsonValue.Create "splines"
                    Checkpoint.write path "dictionary" 1 changed [] |> Outcome.get

                    Observables.load path
                    |> Expect.error ErrorKind.CheckpointMismatch [ "splines"; Checkpoint.library ])

                testInFolder "Saving and loading leave no tensor behind" (fun folder ->
                    let path = folder.File "model.safetensors"

                    use pairs = equilibrium (Systems.doubleWell 1.0) 100
                    use fit = KernelEdmd.fit { KernelEdmd.defaults with Rank = 4 } pairs |> Outcome.get
                    let before = live ()
                    Spectrum.save path fit.Model.Spectrum |> Outcome.get
                    (Spectrum.load path |> Outcome.get :> IDisposable).Dispose()
                    Observables.load path |> Expect.error ErrorKind.CheckpointMismatch []

                    for _, make in Stored.dictionaries do
                        use observables = make ()
                        Observables.save path observables |> Outcome.get
                        (Observables.load path |> Outcome.get :> IDisposable).Dispose()

                    Expect.equal (live ()) before "live tensors")
            ]
