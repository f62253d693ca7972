namespace Koopman

open TorchSharp

/// Polynomials of one variable with a three-term recurrence: p_0 = 1 and p_{n+1}(t) = Rise n · t · p_n(t) - Fall n · p_{n-1}(t).
[<NoComparison; NoEquality>]
type internal Recurrence =
    {
        Rise: int -> float
        Fall: int -> float
        /// The family's letter in the names of functions; powers have none.
        Symbol: string
        /// The family's name in files.
        Name: string
    }

/// The families of one variable.
[<RequireQualifiedAccess>]
module internal Recurrence =

    /// 1, t, t², ...
    let powers: Recurrence =
        {
            Rise = fun _ -> 1.0
            Fall = fun _ -> 0.0
            Symbol = ""
            Name = "powers"
        }

    /// He_n: He_{n+1} = t He_n - n He_{n-1}.
    let hermite: Recurrence =
        {
            Rise = fun _ -> 1.0
            Fall = fun n -> float n
            Symbol = "He"
            Name = "classical Hermite"
        }

    /// He_n / √n!, orthonormal in the standard Gaussian law.
    let hermiteOrthonormal: Recurrence =
        {
            Rise = fun n -> 1.0 / sqrt (float (n + 1))
            Fall = fun n -> sqrt (float n / float (n + 1))
            Symbol = "h"
            Name = "Hermite"
        }

    /// P_n: (n+1) P_{n+1} = (2n+1) t P_n - n P_{n-1}.
    let legendre: Recurrence =
        {
            Rise = fun n -> float (2 * n + 1) / float (n + 1)
            Fall = fun n -> float n / float (n + 1)
            Symbol = "P"
            Name = "classical Legendre"
        }

    /// √(2n+1) P_n, orthonormal in the uniform law on [-1,1].
    let legendreOrthonormal: Recurrence =
        let norm (n: int) = sqrt (float (2 * max n 0 + 1))

        {
            Rise = fun n -> legendre.Rise n * norm (n + 1) / norm n
            Fall = fun n -> legendre.Fall n * norm (n + 1) / norm (n - 1)
            Symbol = "p"
            Name = "Legendre"
        }

    /// The family with this name in files.
    let byName (name: string) : Outcome<Recurrence> =
        match
            [ powers; hermite; hermiteOrthonormal; legendre; legendreOrthonormal ]
            |> List.tryFind (fun family -> family.Name = name)
        with
        | Some family -> Ok family
        | None ->
            KoopmanError.fail
                ErrorKind.CheckpointMismatch
                $"There is no family of polynomials named '{name}'"
                "The file was written by a newer version of the library: use that version"

    /// The q-th derivatives of p_0..p_degree at t (n), as (n, degree+1), for every q from 0 to order.
    let derivatives (degree: int) (order: int) (t: Tensor) (recurrence: Recurrence) : Tensor[] =
        let all =
            Array.init (order + 1) (fun q ->
                Array.create (degree + 1) (if q = 0 then torch.ones_like t else torch.zeros_like t))

        for n in 0 .. degree - 1 do
            let rise, fall = recurrence.Rise n, recurrence.Fall n
            // The recurrence differentiated q times: (t p)^(q) = t p^(q) + q p^(q-1).
            for q in 0..order do
                let plain: Tensor = all[q].[n] * t

                let product =
                    if q = 0 then
                        plain
                    else
                        plain.add (all[q - 1].[n], Tensors.num (float q))

                all[q].[n + 1] <-
                    if fall = 0.0 then
                        rise * product
                    else
                        (rise * product).add(all[q].[n - 1], Tensors.num -fall)

        all |> Array.map (fun columns -> torch.stack (columns, 1L))

/// Boxes low ≤ x ≤ high in R^d.
[<RequireQualifiedAccess>]
module internal Box =

    /// Rejects corners that do not form a box of d dimensions.
    let check (dimension: int) (low: float[], high: float[]) : Outcome<unit> =
        if dimension < 1 || low.Length <> dimension || high.Length <> dimension then
            KoopmanError.fail
                ErrorKind.ShapeMismatch
                $"The corners of a box of {dimension} dimensions have {low.Length} and {high.Length} coordinates"
                "Give one lower and one upper end per axis"
        else
            Require.each Require.interval "axis" (Array.zip low high)
            |> Require.advise "Check that no coordinate is constant, and that the lower corner of the box comes first"

    /// The midpoint and half-width of every axis.
    let frame (low: float[], high: float[]) : float[] * float[] =
        Array.map2 (fun a b -> 0.5 * (a + b)) low high, Array.map2 (fun a b -> 0.5 * (b - a)) low high

/// Products p_e1(t_1) ... p_ed(t_d) of one family of one variable over a list of exponents e, where t = (x - middle)/half.
[<Sealed>]
type internal PolynomialObservables
    (recurrence: Recurrence, middle: float[], half: float[], exponents: int[][], description: string) =
    inherit Observables(middle.Length, exponents.Length, description)

    let dimension = middle.Length
    let degree = exponents |> Array.map Array.max |> Array.max

    /// For every axis the column of the table that each product takes.
    let columns =
        Array.init dimension (fun axis ->
            new Constant(Tensors.ofIndices(exponents |> Array.map (fun e -> int64 e[axis])).DetachFromDisposeScope()))

    /// The factors (n, N) of one axis with their derivatives by x up to an order.
    let factors (order: int) (points: Tensor) (axis: int) : Tensor[] =
        let t = (points.select (1L, int64 axis) - middle[axis]) / half[axis]

        recurrence
        |> Recurrence.derivatives degree order t
        |> Array.mapi (fun q table ->
            let factor = table.index_select (1L, columns[axis].For table)

            if q = 0 || half[axis] = 1.0 then
                factor
            else
                factor / pown half[axis] q)

    /// The products differentiated the given number of times along every axis.
    let product (orders: int -> int) (points: Tensor) : Tensor =
        Tensors.keep (fun () ->
            let factor axis =
                Array.last (factors (orders axis) points axis)

            let mutable value = factor 0

            for axis in 1 .. dimension - 1 do
                value <- value * factor axis

            value)

    /// All first derivatives, d matrices (n, N), from one table per axis, with products of the factors before and after each axis.
    let slopes (points: Tensor) : Tensor[] =
        let both = Array.init dimension (factors 1 points)
        let after = Array.create dimension (Tensors.ones [| 1L |] points)

        for axis in dimension - 2 .. -1 .. 0 do
            after[axis] <- after[axis + 1] * both[axis + 1][0]

        let mutable before = after[dimension - 1]

        [|
            for axis in 0 .. dimension - 1 do
                before * both[axis][1] * after[axis]
                before <- before * both[axis][0]
        |]

    override _.Coarser: int[] =
        let totals = exponents |> Array.map Array.sum
        let highest = Array.max totals - 2

        if highest < 1 then
            [||]
        else
            [| 0 .. exponents.Length - 1 |] |> Array.filter (fun i -> totals[i] <= highest)

    override _.Values(points: Tensor) : Tensor = product (fun _ -> 0) points

    override _.Partial(points: Tensor, along: int) : Tensor =
        product (fun axis -> if axis = along then 1 else 0) points

    override _.SecondPartial(points: Tensor, first: int, second: int) : Tensor =
        product (fun axis -> (if axis = first then 1 else 0) + (if axis = second then 1 else 0)) points

    override this.GradientOf(points: Tensor, coefficients: Tensor) : Tensor =
        Tensors.keep (fun () ->
            torch.cat (
                [|
                    for struct (start, size) in Tensors.pieces (Tensors.pieceRows this.Count) (int points.shape[0]) ->
                        Tensors.keep (fun () ->
                            let rows = slopes (Tensors.rows start size points)
                            torch.stack (rows |> Array.map (fun slope -> slope.mv coefficients), 1L))
                |],
                0L
            ))

    override _.DirichletForm(points: Tensor, weights: Tensor) : Tensor =
        Tensors.keep (fun () ->
            slopes points
            |> Array.map (fun slope -> slope.t().times(slope * weights.unsqueeze 1L))
            |> Array.reduce (fun sum next -> sum.add_ next))

    override _.NameOf(index: int) : string =
        let factor (axis: int) (e: int) =
            match e, recurrence.Symbol with
            | 1, "" -> $"x{axis}"
            | _, "" -> $"x{axis}^{e}"
            | _, symbol -> $"{symbol}{e}(x{axis})"

        let factors =
            exponents[index]
            |> Array.indexed
            |> Array.filter (fun (_, e) -> e > 0)
            |> Array.map (fun (axis, e) -> factor axis e)

        if factors.Length = 0 then
            "1"
        else
            System.String.Join(" ", factors)

    override _.Free() : unit =
        for column in columns do
            column.Dispose()

    static member Kind: string = "polynomials"

    static member private Settings: Codec<string * string, string * string> =
        codec {
            let! family = Codec.text "family" fst
            and! description = Codec.text "description" snd
            return family, description
        }

    interface IRecipe with
        member this.Recipe() =
            Ok(
                Recipe.leaf
                    PolynomialObservables.Kind
                    (PolynomialObservables.Settings.Put(recurrence.Name, this.Description))
                    [
                        "middle", Tensors.ofVector middle
                        "half", Tensors.ofVector half
                        "exponents", (Recipe.ofWholes (Array.concat exponents)).reshape(-1L, int64 dimension)
                    ]
            )

    static member OfRecipe(recipe: Recipe) : Outcome<Observables> =
        result {
            let! name, description = PolynomialObservables.Settings.Take recipe.Settings
            let! family = Recurrence.byName name
            let! middle = Recipe.vector "middle" recipe
            let d = middle.shape[0]
            let! half = Recipe.like middle [ d ] "half" recipe
            let! exponents = Recipe.wholes 20_000 [ -1L; d ] "exponents" recipe
            let middle, half = Tensors.toArray middle, Tensors.toArray half

            do!
                Recipe.demand
                    (exponents.Length > 0 && Array.forall (fun size -> size > 0.0) half)
                    "there must be one at least, and the box must have positive sizes"
                    recipe

            return
                new PolynomialObservables(family, middle, half, Array.chunkBySize middle.Length exponents, description)
        }

/// The d coordinates themselves.
[<Sealed>]
type internal CoordinateObservables(dimension: int) =
    inherit Observables(dimension, dimension, $"{dimension} coordinates")

    override _.Values(points: Tensor) : Tensor = points.clone ()

    override _.Partial(points: Tensor, axis: int) : Tensor =
        Tensors.keep (fun () ->
            let slope = torch.zeros_like points
            slope.select(1L, int64 axis).fill_(Tensors.num 1.0) |> ignore
            slope)

    override _.SecondPartial(points: Tensor, _: int, _: int) : Tensor = torch.zeros_like points

    override _.GradientOf(points: Tensor, coefficients: Tensor) : Tensor =
        Tensors.keep (fun () -> coefficients.unsqueeze(0L).expand([| points.shape[0]; int64 dimension |]).contiguous())

    override _.DirichletForm(_: Tensor, weights: Tensor) : Tensor =
        Tensors.keep (fun () ->
            torch.eye (int64 dimension, dtype = weights.dtype, device = weights.device)
            * weights.sum ())

    override _.NameOf(index: int) : string = $"x{index}"

    static member Kind: string = "coordinates"

    static member private Settings: Codec<int, int> = Codec.count "dimension" id

    interface IRecipe with
        member _.Recipe() =
            Ok(Recipe.leaf CoordinateObservables.Kind (CoordinateObservables.Settings.Put dimension) [])

    static member OfRecipe(recipe: Recipe) : Outcome<Observables> =
        CoordinateObservables.Settings.Take recipe.Settings
        |> Result.map (fun dimension -> new CoordinateObservables(dimension))
