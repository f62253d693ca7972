namespace Koopman

open System
open TorchSharp

/// <summary>
/// An equation of motion written out on observables: b_i(x) = Σ_k Drift[k, i] ψ_k(x), and a_ij(x) likewise.
/// </summary>
[<NoComparison; NoEquality>]
type Sindy =
    {
        /// <summary>The names of the N functions.</summary>
        Terms: string[]
        /// <summary>The drift's coefficients (N, d); terms that were left out are 0.</summary>
        Drift: float[,]
        /// <summary>For each coordinate the fraction of the drift, in root mean square, that the terms leave unexplained.</summary>
        DriftDefect: float[]
        /// <summary>The diffusion's coefficients (N, d, d), symmetric in the last two; null if there is no noise.</summary>
        Diffusion: float[,,] | null
        /// <summary>For each entry (d, d) the fraction of the diffusion that the terms leave unexplained; all 0 if there is no noise.</summary>
        DiffusionDefect: float[,]
    }

    /// <summary>One line per coordinate: "dx0/dt = -10 x0 + 10 x1", and for noise one line per entry: "a00 = 2 1".</summary>
    member this.Equations: string[] =
        let n, d = this.Terms.Length, this.DriftDefect.Length

        let sum (coefficient: int -> float) =
            [|
                for k in 0 .. n - 1 do
                    if coefficient k <> 0.0 then
                        $"{coefficient k:G6} {this.Terms[k]}"
            |]
            |> fun terms -> if terms.Length = 0 then "0" else String.Join(" + ", terms)

        [|
            for i in 0 .. d - 1 -> $"dx{i}/dt = {sum (fun k -> this.Drift[k, i])}"

            match this.Diffusion with
            | null -> ()
            | a ->
                for i in 0 .. d - 1 do
                    for j in i .. d - 1 -> $"a{i}{j} = {sum (fun k -> a[k, i, j])}"
        |]

    override this.ToString() : string =
        String.Join(Environment.NewLine, this.Equations)

/// <summary>
/// Identifies an equation of motion from data or from a generator: regression of drift and diffusion on a dictionary, with small terms
/// removed in successive rounds (SINDy; Brunton, Proctor and Kutz 2016; for generators Klus et al. 2020, section 4).
/// </summary>
[<RequireQualifiedAccess>]
module Sindy =

    /// The entries on and above the diagonal.
    let private pairsOf (d: int) : struct (int * int)[] =
        [|
            for i in 0 .. d - 1 do
                for j in i .. d - 1 -> struct (i, j)
        |]

    /// Least squares on all terms, repeated without those below the threshold until none is below it.
    let private sparse
        (threshold: float)
        (factor: Tensor)
        (rms: float[])
        (n: int)
        (target: int)
        : struct (float[] * float) =
        let whole =
            Tensors.within (fun () -> (factor.narrow (1L, int64 target, 1L)).norm().ToDouble())

        let rec refine (support: int[]) (rounds: int) =
            let struct (found, left) = LeastSquares.solve factor support target

            let kept =
                support
                |> Array.indexed
                |> Array.filter (fun (k, term) -> abs found[k] * rms[term] > threshold * whole)
                |> Array.map snd

            if kept.Length = support.Length || rounds = 0 then
                let all = Array.zeroCreate n
                support |> Array.iteri (fun k term -> all[term] <- found[k])
                struct (all, (if whole > 0.0 then left / whole else 0.0))
            else
                refine kept (rounds - 1)

        refine [| 0 .. n - 1 |] n

    /// <summary>The equation of motion on a dictionary, from drift and diffusion at samples.</summary>
    /// <param name="threshold">
    /// A term is left out if its root mean square over the samples is below this fraction of that of the target; 0 keeps all. For exact
    /// data 1e-6 is usual, for noisy data .01 to .1.
    /// </param>
    /// <param name="observables">The dictionary: monomials give polynomials.</param>
    /// <param name="samples">The points at which the motion is given; at least as many as observables.</param>
    /// <param name="motion">Drift and diffusion at the samples, row by row.</param>
    let ofMotion
        (threshold: float)
        (observables: Observables)
        (samples: Samples)
        (motion: DriftDiffusion)
        : Outcome<Sindy> =
        let n, d = observables.Count, samples.Dimension

        Require.all {
            Require.share "the threshold" threshold
            |> Require.advise "Give the fraction of the motion below which a term is left out, for example 0.01"

            DriftDiffusion.checkAt samples motion

            Require.dimension d "the observables" observables.Dimension
            |> Require.advise "Make the observables for the dimension of the samples"

            if samples.Count < n then
                KoopmanError.fail
                    ErrorKind.TooFewSamples
                    $"There are {samples.Count} samples for {n} terms"
                    "Give at least as many samples as terms, or use fewer terms"
        }
        |> Result.bind (fun () ->
            use _ = Tensors.scope ()

            let entries =
                [|
                    if not motion.IsDeterministic then
                        yield! pairsOf d
                |]

            let columns start size =
                let motion = motion.Rows(start, size)
                let zero = torch.zeros (int64 size, 1L, dtype = torch.float64)

                torch.cat (
                    [|
                        observables.Values(Tensors.rows start size samples.Points)
                        motion.Drift

                        for struct (i, j) in entries do
                            match motion.Entry(i, j) with
                            | Some entry -> entry + zero
                            | None -> zero
                    |],
                    1L
                )

            let width = n + d + entries.Length
            let factor = LeastSquares.factor columns samples.Count samples.Weights width

            if not (Tensors.isFinite factor) then
                KoopmanError.fail
                    ErrorKind.NotFinite
                    "The observables hold NaN or infinity at the samples"
                    "Scale the data or lower the degree of the observables"
            else
                let rms = Tensors.toArray (factor.square().sum(0L).sqrt())
                let drift = Array.init d (fun i -> sparse threshold factor rms n (n + i))

                let diffusion =
                    entries |> Array.mapi (fun e _ -> sparse threshold factor rms n (n + d + e))

                let entryOf (i: int) (j: int) =
                    entries |> Array.findIndex (fun (struct (a, b)) -> a = min i j && b = max i j)

                let coefficients (struct (values: float[], _: float)) = values
                let defect (struct (_: float[], value: float)) = value

                Ok
                    {
                        Terms = Array.init n observables.NameOf
                        Drift = Array2D.init n d (fun k i -> (coefficients drift[i])[k])
                        DriftDefect = Array.map defect drift
                        Diffusion =
                            if motion.IsDeterministic then
                                null
                            else
                                Array3D.init n d d (fun k i j -> (coefficients diffusion[entryOf i j])[k])
                        DiffusionDefect =
                            Array2D.init d d (fun i j ->
                                if motion.IsDeterministic then
                                    0.0
                                else
                                    defect diffusion[entryOf i j])
                    })

    /// <summary>
    /// The motion represented by a generator, at samples: b_i = 𝓛x_i and a_ij = 𝓛(x_i x_j) - x_i b_j - x_j b_i, which needs the
    /// coordinates and their products in the span of its observables.
    /// </summary>
    let motionOf (samples: Samples) (generator: Generator) : Outcome<DriftDiffusion> =
        let observables = generator.Observables
        let n, d = observables.Count, samples.Dimension

        if observables.Dimension <> d || samples.Count < n then
            KoopmanError.fail
                ErrorKind.ShapeMismatch
                $"The generator acts on {n} functions of {observables.Dimension} dimensions, but the samples are {samples.Count} of {d}"
                "Give samples of the generator's dimension, at least as many as observables"
        else
            use _ = Tensors.scope ()

            let products = pairsOf d

            let targets (points: Tensor) =
                let column (i: int) = points.narrow (1L, int64 i, 1L)

                let mixed = products |> Array.map (fun (struct (i, j)) -> column i * column j)
                torch.cat (Array.append [| points |] mixed, 1L)

            let columns start size =
                let points = Tensors.rows start size samples.Points
                torch.cat ([| observables.Values points; targets points |], 1L)

            let count = d + products.Length
            let factor = LeastSquares.factor columns samples.Count samples.Weights (n + count)
            let length = Tensors.toArray (factor.square().sum(0L).sqrt())

            let solved =
                Array.init count (fun t -> LeastSquares.solve factor [| 0 .. n - 1 |] (n + t))

            let worst =
                solved
                |> Array.mapi (fun t (struct (_, left)) -> left / max length[n + t] Double.Epsilon)
                |> Array.max

            if not (worst < 1e-6) then
                KoopmanError.fail
                    ErrorKind.IllConditioned
                    $"A coordinate or a product of two is not in the span of the observables: a fraction {worst:G3} of it is unexplained"
                    "Use observables that span them, for example monomials of degree 2 or more"
            else
                let coefficients =
                    torch.stack (solved |> Array.map (fun (struct (c, _)) -> Tensors.ofVector c), 1L)

                let change =
                    observables.Values(samples.Points).times(generator.Matrix.times coefficients)

                let x (i: int) = samples.Points.select (1L, int64 i)
                let b (i: int) = change.select (1L, int64 i)
                let a = torch.zeros (int64 samples.Count, int64 d, int64 d, dtype = torch.float64)

                products
                |> Array.iteri (fun p (struct (i, j)) ->
                    let entry = change.select (1L, int64 (d + p)) - x i * b j - x j * b i

                    a.select(2L, int64 j).select(1L, int64 i).copy_ entry |> ignore
                    a.select(2L, int64 i).select(1L, int64 j).copy_ entry |> ignore)

                let drift = change.narrow(1L, 0L, int64 d).clone().DetachFromDisposeScope()

                // Without noise the terms cancel up to rounding.
                if a.abs().max().ToDouble() <= 1e-8 * change.abs().max().ToDouble() then
                    Ok(new DriftDiffusion(drift, Diffusion.Absent))
                else
                    Ok(new DriftDiffusion(drift, Diffusion.Full(a.DetachFromDisposeScope())))

    /// <summary>The equation of motion represented by a generator, on a dictionary: <c>motionOf</c>, then <c>ofMotion</c> on the generator's observables.</summary>
    let ofGenerator (threshold: float) (samples: Samples) (generator: Generator) : Outcome<Sindy> =
        result {
            use! motion = motionOf samples generator
            return! ofMotion threshold generator.Observables samples motion
        }
