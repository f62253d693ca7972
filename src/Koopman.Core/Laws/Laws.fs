namespace Koopman

open System.Numerics
open TorchSharp

/// <summary>
/// Laws that observables, operators, spectra and estimators obey, as checks for your own. Each function checks several laws on one object and
/// returns their outcomes; nothing is thrown when a law fails.
/// </summary>
[<RequireQualifiedAccess>]
module Laws =

    /// The central difference of a function of points along an axis.
    let private difference (f: Tensor -> Tensor) (points: Tensor) (axis: int) : Tensor =
        let d = int points.shape[1]
        let spread = max 1e-3 (points.select(1L, int64 axis).std(false).ToDouble())
        let step = 6e-6 * spread

        let shift =
            Tensors.ofVector (Array.init d (fun i -> if i = axis then step else 0.0))

        0.5 / step * (f (points + shift) - f (points - shift))

    /// <summary>Derivatives agree with differences of the values, and the combined sums over functions and points with their definitions.</summary>
    /// <param name="points">The points (n, d) at which to check, away from kinks; a few tens are enough.</param>
    /// <param name="observables">The functions.</param>
    let observables (points: Tensor) (observables: Observables) : LawOutcome list =
        Tensors.within (fun () ->
            let d, n = observables.Dimension, int64 observables.Count
            let axes = [ 0 .. d - 1 ]
            let a = Seed.normal [| n |] (Seed.ofInt 11)
            let w = Seed.uniform [| points.shape[0] |] (Seed.ofInt 12)

            let form =
                axes
                |> List.map (fun axis ->
                    let slope = observables.Partial(points, axis)
                    slope.t().times(slope * w.unsqueeze 1L))
                |> List.reduce (fun x y -> x + y)

            [
                for axis in axes do
                    Law.equal
                        $"∂ψ/∂x{axis + 1} is the slope of ψ"
                        1e-6
                        (difference observables.Values points axis)
                        (observables.Partial(points, axis))

                    for other in axes do
                        Law.equal
                            $"∂²ψ/∂x{axis + 1}∂x{other + 1} is the slope of ∂ψ/∂x{axis + 1}"
                            1e-6
                            (difference (fun p -> observables.Partial(p, axis)) points other)
                            (observables.SecondPartial(points, axis, other))

                Law.equal
                    "the gradient of a combination combines the partial derivatives"
                    1e-10
                    (torch.stack (axes |> List.map (fun axis -> observables.Partial(points, axis).mv a), 1L))
                    (observables.GradientOf(points, a))

                Law.equal "the Dirichlet form is the sum of ∇ψ·∇ψᵀ" 1e-9 form (observables.DirichletForm(points, w))
            ])

    /// ⟨f, M g⟩ = ⟨M* f, g⟩ for the matrices of an operator and its adjoint.
    let private adjoint (gram: Tensor) (matrix: Tensor) (adjoint: Tensor) : LawOutcome =
        Law.equal "⟨f, K g⟩ = ⟨K* f, g⟩" 1e-8 (gram.times matrix) (adjoint.t().times gram)

    /// The eigen-equation and the duality of a spectrum of a matrix on coefficients.
    let private eigen (gram: Tensor) (matrix: Tensor) (spectrum: Spectrum) : LawOutcome list =
        let v, u = spectrum.Coefficients, spectrum.Dual
        let values = spectrum.Eigenvalues

        let row (take: Complex -> float) =
            (Tensors.ofVector (Array.map take values)).unsqueeze 0L

        let scaled = v * torch.complex (row _.Real, row _.Imaginary)
        let gu = LinearAlgebra.timesComplex gram u
        let real = gu.real.t().times(v.real) + gu.imag.t().times v.imag
        let one = torch.eye (v.shape[1], dtype = torch.float64)

        [
            Law.equal "K v = λ v (real part)" 1e-8 scaled.real (matrix.times v.real)
            Law.zero
                "K v = λ v (imaginary part)"
                1e-8
                ((scaled.imag - matrix.times v.imag).abs().max().ToDouble()
                 / max 1e-300 (scaled.abs().max().ToDouble()))
            Law.equal "left and right eigenvectors are dual" 1e-8 one real
        ]

    let private orFailed (law: string) (outcome: Outcome<LawOutcome list>) : LawOutcome list =
        match outcome with
        | Ok outcomes -> outcomes
        | Error error -> [ Law.zero $"{law} ({error.Cause})" 0.0 infinity ]

    /// <summary>
    /// Semigroup, adjoint and eigen-decomposition of a propagator; and exp inverts log, where there is a logarithm. Its Gram
    /// matrix must not be singular.
    /// </summary>
    let propagator (propagator: Propagator) : LawOutcome list =
        Tensors.within (fun () ->
            [
                yield!
                    result {
                        use! twice = Propagator.power 2 propagator
                        use! composed = Propagator.compose propagator propagator
                        return [ Law.equal "K K = K over two lags" 1e-12 twice.Matrix composed.Matrix ]
                    }
                    |> orFailed "powers exist"

                yield!
                    result {
                        use! star = Propagator.adjoint propagator
                        use! back = Propagator.adjoint star

                        return
                            [
                                adjoint propagator.Gram propagator.Matrix star.Matrix
                                Law.equal "K** = K" 1e-8 propagator.Matrix back.Matrix
                            ]
                    }
                    |> orFailed "an adjoint exists"

                yield!
                    result {
                        use! spectrum = Propagator.spectrum propagator
                        return eigen propagator.Gram propagator.Matrix spectrum
                    }
                    |> orFailed "eigenvectors exist"

                match Propagator.log propagator with
                | Error _ -> ()
                | Ok(generator, _) ->
                    use generator = generator

                    yield!
                        Propagator.ofGenerator propagator.Lag generator
                        |> Result.map (fun back ->
                            use back = back
                            [ Law.equal "exp(log K) = K" 1e-7 propagator.Matrix back.Matrix ])
                        |> orFailed "the exponential exists"
            ])

    /// <summary>Semigroup, group, adjoint and eigen-decomposition of a generator. Its Gram matrix must not be singular.</summary>
    let generator (time: float) (generator: Generator) : LawOutcome list =
        Tensors.within (fun () ->
            [
                yield!
                    result {
                        use! once = Propagator.ofGenerator time generator
                        use! rest = Propagator.ofGenerator (0.7 * time) generator
                        use! whole = Propagator.ofGenerator (1.7 * time) generator
                        use! composed = Propagator.compose rest once
                        let back = torch.linalg.matrix_exp ((-time) * generator.Matrix)
                        let one = torch.eye (back.shape[0], dtype = torch.float64)

                        return
                            [
                                Law.equal "e^{sL} e^{tL} = e^{(s+t)L}" 1e-9 whole.Matrix composed.Matrix
                                Law.equal "e^{-tL} e^{tL} = 1" 1e-7 one (back.times once.Matrix)
                            ]
                    }
                    |> orFailed "the exponential exists"

                yield!
                    result {
                        use! star = Generator.adjoint generator
                        return [ adjoint generator.Gram generator.Matrix star.Matrix ]
                    }
                    |> orFailed "an adjoint exists"

                yield!
                    result {
                        use! spectrum = Generator.spectrum generator
                        return eigen generator.Gram generator.Matrix spectrum
                    }
                    |> orFailed "eigenvectors exist"
            ])

    /// <summary>The eigenfunctions of a reversible spectrum have mean 0 and are orthonormal in the measure of its samples.</summary>
    let reversible (samples: Samples) (spectrum: Spectrum) : LawOutcome list =
        Tensors.within (fun () ->
            let values = spectrum.Values samples.Points
            let weighted = values * samples.Weights.unsqueeze 1L
            let one = torch.eye (int64 spectrum.Rank, dtype = torch.float64)

            [
                Law.zero "the spectrum is reversible" 0.0 (if spectrum.IsReversible then 0.0 else infinity)
                Law.zero "eigenfunctions have mean 0" 1e-8 (weighted.sum(0L).abs().max().ToDouble())
                Law.equal "eigenfunctions are orthonormal" 1e-7 one (values.t().times weighted)
            ])

    /// <summary>Moments of parts add up to those of the whole, and do not depend on the order of the pairs.</summary>
    let moments (observables: Observables) (pairs: SnapshotPairs) : LawOutcome list =
        Tensors.within (fun () ->
            let n = pairs.Count
            use whole = Moments.ofPairs observables (0, n) pairs
            use first = Moments.ofPairs observables (0, n / 3) pairs
            use second = Moments.ofPairs observables (n / 3, n - n / 3) pairs
            use merged = Moments.merge [ first; second ]

            [
                Law.equal "C00 of the parts adds up" 1e-12 whole.C00 merged.C00
                Law.equal "C01 of the parts adds up" 1e-12 whole.C01 merged.C01
                Law.equal "C11 of the parts adds up" 1e-12 whole.C11 merged.C11
            ])

    let private eigenvalues (model: LinearModel) : Tensor =
        let values = model.Spectrum.Eigenvalues
        Tensors.ofVector (Array.append (values |> Array.map _.Real) (values |> Array.map (fun v -> abs v.Imaginary)))

    /// <summary>
    /// Invariances of EDMD: the basis of the dictionary's span, the order of the pairs, and the equivalence of a weight of 2 and a repeated pair.
    /// Meant for dictionaries that the data resolve well.
    /// </summary>
    let edmd (observables: Observables) (pairs: SnapshotPairs) : LawOutcome list =
        result {
            use _ = Tensors.scope ()
            use! model = Edmd.fit Edmd.defaults observables pairs

            let taken (rows: int[]) : Outcome<SnapshotPairs> =
                let index = Tensors.ofIndices (Array.map int64 rows)

                SnapshotPairs.create
                    pairs.Lag
                    (pairs.From.Points.index_select (0L, index))
                    (pairs.To.Points.index_select (0L, index))

            use! plain = taken [| 0 .. pairs.Count - 1 |]
            use! equal = Edmd.fit Edmd.defaults observables plain
            use! shuffled = taken (Seed.permutation pairs.Count (Seed.ofInt 5))
            use! again = Edmd.fit Edmd.defaults observables shuffled
            let copies = Array.init pairs.Count (fun i -> 1 + i % 3)
            use! weighted = SnapshotPairs.withWeights (Array.map float copies) plain
            use! counted = Edmd.fit Edmd.defaults observables weighted

            use! replicated =
                copies
                |> Array.mapi (fun row count -> Array.create count row)
                |> Array.concat
                |> taken

            use! written = Edmd.fit Edmd.defaults observables replicated
            let n = int64 observables.Count
            // Close enough to 1 to leave the conditioning of the dictionary unchanged.
            let change =
                torch.eye (n, dtype = torch.float64)
                + 0.3 / sqrt (float n) * Seed.normal [| n; n |] (Seed.ofInt 6)

            use other = new CombinedObservables(observables, change, "another basis")
            use! changed = Edmd.fit Edmd.defaults other pairs

            return
                [
                    Law.equal "the order of pairs does not matter" 1e-7 (eigenvalues equal) (eigenvalues again)
                    Law.equal "whole weights are replicated pairs" 1e-7 (eigenvalues counted) (eigenvalues written)
                    Law.equal
                        "the basis of the dictionary does not matter"
                        1e-6
                        (eigenvalues model)
                        (eigenvalues changed)
                ]
        }
        |> orFailed "EDMD can be fitted"

    /// <summary>A forecast of 0 steps is the state read off the observables, and forecasts compose.</summary>
    let forecasts (states: Tensor) (model: LinearModel) : LawOutcome list =
        result {
            use _ = Tensors.scope ()
            let! none = LinearModel.forecast 0 None states model
            let! three = LinearModel.forecast 3 None states model
            use! cubed = Propagator.power 3 model.Propagator
            let shown = model.Observables.Values(states).times model.Output

            let ahead = model.Observables.Values(states).times(cubed.Matrix).times model.Output

            return
                [
                    Law.equal "no step shows the state" 1e-12 shown (none.select (1L, 0L))
                    Law.equal "three steps are K³" 1e-9 ahead (three.select (1L, 3L))
                ]
        }
        |> orFailed "the model forecasts"
